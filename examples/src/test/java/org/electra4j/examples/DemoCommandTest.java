package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.inference.TokenScore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir Path folder;

  @Test
  void trainsDetectsAndMayBeRunAgain() throws IOException {
    Path out = folder.resolve("the demo");
    String[] arguments = {"demo", "--steps", "2", "--out", out.toString()};
    CommandLineRun first = CommandLineRun.of(arguments);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .contains(
            "We must reduce the ", "\"chapel\" was \"cost\"", out.resolve("curves.svg").toString())
        .contains("examples/electra detect");
    assertThat(out.resolve("curves.svg")).exists();
    Path old = Files.createFile(out.resolve("model/old"));
    CommandLineRun second = CommandLineRun.of(arguments);
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(old).doesNotExist();
  }

  @Test
  void leavesTheFoldersOfOthersAlone() throws IOException {
    Path mine = Files.writeString(folder.resolve("thesis.txt"), "years of work");
    CommandLineRun run = CommandLineRun.of("demo", "--steps", "2", "--out", folder.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("holds other files");
    assertThat(mine).hasContent("years of work");
    assertThat(CommandLineRun.of("demo", "--out", mine.toString()).code()).isEqualTo(2);
    assertThat(CommandLineRun.of("demo", "--steps", "0").code()).isEqualTo(2);
  }

  @Test
  void marksWholeWordsInBracketsOrColour() {
    List<TokenScore> scores =
        List.of(
            new TokenScore("a", 1, 0, 1, -2, 0.1f),
            new TokenScore("wh", 2, 2, 4, 0, 0.4f),
            new TokenScore("##ale", 3, 4, 7, 2, 0.9f),
            new TokenScore(".", 4, 7, 8, -2, 0.1f));
    assertThat(new SuspiciousWords(false).mark("a whale.", scores)).isEqualTo("a [whale 90%].");
    assertThat(new SuspiciousWords(true).mark("a whale.", scores))
        .isEqualTo("a \u001b[1;31mwhale 90%\u001b[0m.");
  }
}
