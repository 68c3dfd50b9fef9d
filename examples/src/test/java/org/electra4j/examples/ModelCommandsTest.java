package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HIDDEN = 128;

  private final TinyRun tiny = tiny();

  private static TinyRun tiny() {
    try {
      return TinyRun.get();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private CommandLineRun run(String command, String input, String... more) {
    String[] arguments = new String[more.length + 4];
    arguments[0] = command;
    arguments[1] = tiny.model();
    arguments[2] = "--precision";
    arguments[3] = "fp32";
    System.arraycopy(more, 0, arguments, 4, more.length);
    return CommandLineRun.with(input, arguments);
  }

  @Test
  void detectScoresTheTokensOfEachLine() throws IOException {
    CommandLineRun run = run("detect", "the president\n\nthe chef ate the meal\n");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.lines()).hasSize(3);
    assertThat(run.lines().get(1)).isEqualTo("{\"tokens\":[]}");
    JsonNode first = JSON.readTree(run.lines().get(0)).get("tokens").get(0);
    assertThat(first.get("token").asText()).isEqualTo("the");
    assertThat(first.get("start").asInt()).isZero();
    assertThat(first.get("end").asInt()).isEqualTo(3);
    double logit = first.get("logit").asDouble();
    assertThat(first.get("replaced").asDouble())
        .isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-6));
  }

  @Test
  void detectTakesIdsOfTheSameText() throws IOException {
    JsonNode ids =
        JSON.readTree(
                CommandLineRun.with("the nation", "tokenize", "--vocab", "" + tiny.vocabulary())
                    .out())
            .get("ids");
    StringBuilder line = new StringBuilder("2");
    ids.forEach(id -> line.append(' ').append(id.asInt()));
    CommandLineRun byIds = run("detect", line + " 3\n", "--input-ids");
    JsonNode tokens = JSON.readTree(byIds.out()).get("tokens");
    JsonNode expected = JSON.readTree(run("detect", "the nation").out()).get("tokens");
    assertThat(tokens).hasSize(expected.size() + 2);
    assertThat(tokens.get(0).get("token").asText()).isEqualTo("[CLS]");
    assertThat(tokens.get(0).get("start").isNull()).isTrue();
    assertThat(tokens.get(1).get("logit").asDouble())
        .isCloseTo(expected.get(0).get("logit").asDouble(), within(1e-5));
  }

  @Test
  void embedGivesVectorsOfEachPooling() throws IOException {
    JsonNode hidden = JSON.readTree(run("embed", "the nation", "--hidden").out()).get("hidden");
    assertThat(hidden.size()).isGreaterThanOrEqualTo(4);
    JsonNode cls =
        JSON.readTree(run("embed", "the nation", "--pooling", "cls").out()).get("embedding");
    JsonNode mean = JSON.readTree(run("embed", "the nation").out()).get("embedding");
    assertThat(cls).hasSize(HIDDEN);
    for (int j = 0; j < HIDDEN; j++) {
      double sum = 0;
      for (JsonNode row : hidden) {
        sum += row.get(j).asDouble();
      }
      assertThat(mean.get(j).asDouble()).isCloseTo(sum / hidden.size(), within(1e-4));
      assertThat(cls.get(j).asDouble()).isCloseTo(hidden.get(0).get(j).asDouble(), within(1e-5));
    }
    JsonNode ofIds = JSON.readTree(run("embed", "2 9 3", "--input-ids", "--hidden").out());
    assertThat(ofIds.get("hidden")).hasSize(3);
  }

  @Test
  void fillMaskGivesProbabilitiesOfEachMask() throws IOException {
    CommandLineRun run = run("fill-mask", "the [MASK] of [MASK]\n", "--top-k", "3");
    JsonNode predictions = JSON.readTree(run.out()).get("predictions");
    assertThat(predictions).hasSize(2);
    assertThat(predictions.get(0)).hasSize(3);
    double first = predictions.get(0).get(0).get("probability").asDouble();
    assertThat(first).isBetween(0.0, 1.0);
    assertThat(predictions.get(0).get(1).get("probability").asDouble()).isLessThanOrEqualTo(first);
    assertThat(predictions.get(0).get(0).has("token")).isTrue();
    CommandLineRun ids = run("fill-mask", "2 9 4 3", "--input-ids");
    assertThat(JSON.readTree(ids.out()).get("predictions").get(0)).hasSize(5);
  }

  @Test
  void theModelMayBeAnOptionOrTheFolderOfARun() {
    CommandLineRun positional = run("detect", "the nation");
    CommandLineRun option =
        CommandLineRun.with(
            "the nation", "detect", "--model", "" + tiny.output(), "--precision", "fp32");
    assertThat(option.code()).as(option.err()).isZero();
    assertThat(option.out()).isEqualTo(positional.out());
    CommandLineRun both = CommandLineRun.of("detect", tiny.model(), "--model", tiny.model());
    assertThat(both.code()).isEqualTo(2);
    assertThat(CommandLineRun.of("detect").code()).isEqualTo(2);
  }

  @Test
  void aWrongLineIsNamedAfterTheAnswersBeforeIt() {
    CommandLineRun word = run("detect", "2 9 3\n2 x 3\n2 9 3\n", "--input-ids");
    assertThat(word.code()).isEqualTo(1);
    assertThat(word.lines()).hasSize(1);
    assertThat(word.err())
        .isEqualTo(
            "electra: Line 2 of the input: \"x\" is no token id; give numbers with blanks between them.\n");
    CommandLineRun large = run("embed", "2 600 3\n", "--input-ids");
    assertThat(large.code()).isEqualTo(1);
    assertThat(large.err()).contains("Line 1", "600");
    assertThat(run("detect", "2 3\n\n", "--input-ids").err()).contains("Line 2", "no token ids");
    CommandLineRun noMask = run("fill-mask", "a [MASK]\nno mask\n");
    assertThat(noMask.code()).isEqualTo(1);
    assertThat(noMask.lines()).hasSize(1);
    assertThat(noMask.err()).contains("Line 2", "[MASK]");
  }

  @Test
  void noInputGivesNoOutput() {
    assertThat(run("detect", "")).isEqualTo(new CommandLineRun(0, "", ""));
  }

  @Test
  void wrongModelsAndOptionsAreNamed(@TempDir Path folder) throws IOException {
    CommandLineRun missing = CommandLineRun.of("detect", folder.resolve("none").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("none");
    Files.createDirectories(folder.resolve("empty"));
    CommandLineRun empty = CommandLineRun.of("embed", folder.resolve("empty").toString());
    assertThat(empty.code()).isEqualTo(1);
    assertThat(empty.err()).contains("config.json");
    CommandLineRun generator = CommandLineRun.of("detect", tiny.model() + "/generator");
    assertThat(generator.code()).isEqualTo(1);
    assertThat(run("embed", "a", "--pooling", "max").err()).contains("--pooling", "cls or mean");
    assertThat(run("embed", "a", "--pooling", "max").code()).isEqualTo(2);
    assertThat(run("embed", "a", "--pooling", "cls", "--hidden").code()).isEqualTo(2);
    assertThat(run("fill-mask", "a", "--top-k", "0").code()).isEqualTo(2);
    assertThat(run("detect", "a", "--threads", "0").err()).contains("--threads");
  }
}
