package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TextCommandsTest {
  @TempDir Path folder;

  private Path vocabulary() throws IOException {
    return Files.write(
        folder.resolve("vocab.txt"),
        List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "chef", "##s", "É", "e"));
  }

  @Test
  void tokenizesOneTextALine() throws IOException {
    CommandLineRun run =
        CommandLineRun.with("The chefs\r\n\n[MASK] É", "tokenize", "--vocab", "" + vocabulary());
    assertThat(run.err()).isEmpty();
    assertThat(run.lines())
        .containsExactly(
            "{\"ids\":[5,6,7],\"tokens\":[\"the\",\"chef\",\"##s\"]}",
            "{\"ids\":[],\"tokens\":[]}",
            "{\"ids\":[4,9],\"tokens\":[\"[MASK]\",\"e\"]}");
  }

  @Test
  void casedKeepsCaseAndAccents() throws IOException {
    CommandLineRun run =
        CommandLineRun.with("The É\n", "tokenize", "--vocab", "" + vocabulary(), "--cased");
    assertThat(run.lines()).containsExactly("{\"ids\":[1,8],\"tokens\":[\"[UNK]\",\"É\"]}");
  }

  @Test
  void noInputGivesNoOutput() throws IOException {
    CommandLineRun run = CommandLineRun.of("tokenize", "--vocab", "" + vocabulary());
    assertThat(run).isEqualTo(new CommandLineRun(0, "", ""));
  }

  @Test
  void linesLongerThanTheBufferAndManyLines() throws IOException {
    String words = "the chefs ".repeat(20_000);
    CommandLineRun run =
        CommandLineRun.with(
            words + "\n" + "the\n".repeat(3000), "tokenize", "--vocab", "" + vocabulary());
    assertThat(run.lines()).hasSize(3001).last().isEqualTo("{\"ids\":[5],\"tokens\":[\"the\"]}");
    assertThat(new ObjectMapper().readTree(run.lines().get(0)).get("ids")).hasSize(60_000);
  }

  @Test
  void badUtf8NamesItsLine() throws IOException {
    byte[] input = "the\nch\u00e9f\n".getBytes(StandardCharsets.ISO_8859_1);
    CommandLineRun run = CommandLineRun.with(input, "tokenize", "--vocab", "" + vocabulary());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("Line 2 of the input is not valid UTF-8");
  }

  @Test
  @Timeout(20)
  void answersWhileTheInputGoesOn() throws Exception {
    String vocabulary = vocabulary().toString();
    PipedOutputStream input = new PipedOutputStream();
    PipedInputStream in = new PipedInputStream(input);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompletableFuture<CommandLineRun> run =
        CompletableFuture.supplyAsync(
            () -> CommandLineRun.with(in, out, "tokenize", "--vocab", vocabulary));
    input.write("the\n".getBytes(StandardCharsets.UTF_8));
    input.flush();
    while (out.size() == 0) {
      assertThat(run).isNotDone();
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("{\"ids\":[5]");
    input.close();
    assertThat(run.get().code()).isZero();
  }

  @Test
  void vocabAndPrepareMakeWhatPretrainReads() throws IOException {
    Path corpus = TinyRun.get().corpus();
    Path vocab = folder.resolve("made/vocab.txt");
    CommandLineRun trained =
        CommandLineRun.of("vocab", "--corpus", "" + corpus, "--size", "500", "--out", "" + vocab);
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out()).isEmpty();
    assertThat(trained.err())
        .contains("counting words", "merging pieces", "500 tokens in " + vocab);
    assertThat(Files.readAllLines(vocab)).hasSize(500).startsWith("[PAD]", "[UNK]");

    Path prepared = folder.resolve("prepared");
    CommandLineRun run =
        CommandLineRun.of(
            "prepare", "--corpus", "" + corpus, "--vocab", "" + vocab, "--out", "" + prepared);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).containsPattern("[\\d,]+ tokens in [\\d,]+ sentences of \\d+ documents");

    Path output = folder.resolve("run");
    CommandLineRun pretrained = CommandLineRun.of(TinyRun.pretrain(prepared, vocab, output));
    assertThat(pretrained.code()).as(pretrained.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(output.resolve("result.json").toFile());
    assertThat(result.get("steps").asInt()).isEqualTo(2);
  }

  @Test
  void wrongTextOptionsAreNamed() throws IOException {
    Path corpus = TinyRun.get().corpus();
    String out = folder.resolve("v.txt").toString();
    CommandLineRun none = CommandLineRun.of("vocab", "--corpus", "nowhere", "--out", out);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("nowhere").doesNotContain("Exception");
    CommandLineRun size =
        CommandLineRun.of("vocab", "--corpus", "" + corpus, "--out", out, "--size", "0");
    assertThat(size.code()).isEqualTo(2);
    assertThat(size.err()).contains("--size must be at least 1");
    CommandLineRun small =
        CommandLineRun.of("vocab", "--corpus", "" + corpus, "--out", out, "--size", "7");
    assertThat(small.code()).isEqualTo(1);
    assertThat(small.err()).contains("7");
    CommandLineRun threads =
        CommandLineRun.of("vocab", "--corpus", "" + corpus, "--out", out, "--threads", "two");
    assertThat(threads.code()).isEqualTo(2);
    assertThat(threads.err()).contains("--threads", "two");
    assertThat(CommandLineRun.of("vocab", "--corpus", "" + corpus).err()).contains("--out");
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    CommandLineRun nothing =
        CommandLineRun.of(
            "prepare", "--corpus", "" + empty, "--vocab", "" + vocabulary(), "--out", out);
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("empty.txt");
  }
}
