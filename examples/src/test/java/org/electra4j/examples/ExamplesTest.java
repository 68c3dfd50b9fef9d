package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  /** A main method. */
  private interface Program {
    void main(String... arguments) throws IOException;
  }

  private static String output(Program program, String... arguments) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      program.main(arguments);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void pretrainTiny(@TempDir Path folder) throws IOException {
    TinyRun tiny = TinyRun.get();
    Path run = folder.resolve("run");
    String out =
        output(PretrainTiny::main, "" + tiny.corpus(), "" + tiny.vocabulary(), "" + run, "2");
    assertThat(out).startsWith("2 steps, ").contains(run.resolve("model").toString());
    assertThat(run.resolve("metrics.jsonl")).isNotEmptyFile();
  }

  @Test
  void detectReplacedTokens() throws IOException {
    String out = output(DetectReplacedTokens::main, TinyRun.get().model(), "the nation");
    assertThat(out.lines().findFirst().orElseThrow()).matches("the +\\d+\\.\\d %");
  }

  @Test
  void embedSentences() throws IOException {
    String out = output(EmbedSentences::main, TinyRun.get().model(), "the nation", "the people");
    assertThat(out.lines()).hasSize(2);
    assertThat(out).startsWith("1.000 the nation\n").contains(" the people");
  }
}
