package org.electra4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExchangeCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static TinyRun tiny;

  @TempDir Path folder;

  @BeforeAll
  static void train() throws IOException {
    tiny = TinyRun.get();
  }

  @Test
  void exportedDirectoriesCanBeImportedAndUsed() throws IOException {
    String exported = folder.resolve("exported").toString();
    CommandLineRun export = CommandLineRun.of("export", "--format", "hf", tiny.model(), exported);
    assertThat(export.code()).as(export.err()).isZero();
    assertThat(folder.resolve("exported/training")).doesNotExist();
    String imported = folder.resolve("imported").toString();
    CommandLineRun run = CommandLineRun.of("import", exported, imported);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.lines()).hasSize(2);
    JsonNode report = JSON.readTree(run.lines().get(0));
    assertThat(report.get("file").asText()).endsWith("model.safetensors");
    assertThat(report.get("loaded").asInt()).isGreaterThan(50);
    assertThat(report.get("unexpected")).isEmpty();
    CommandLineRun before = detect(tiny.model());
    CommandLineRun after = detect(imported);
    assertThat(after.code()).as(after.err()).isZero();
    assertThat(after.out()).isEqualTo(before.out());
  }

  private static CommandLineRun detect(String model) {
    return CommandLineRun.with("the chef ate the meal\n", "detect", model, "--precision", "fp32");
  }

  @Test
  void onnxFilesAreWritten() throws IOException {
    Path file = folder.resolve("detector.onnx");
    CommandLineRun run =
        CommandLineRun.of("export", "--format", "onnx", tiny.model(), file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.size(file)).isGreaterThan(100_000);
    Path encoder = folder.resolve("encoder.onnx");
    run =
        CommandLineRun.of(
            "export", "--format", "onnx", "--encoder", tiny.model(), encoder.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.size(encoder)).isLessThan(Files.size(file));
  }

  @Test
  void fineTunedTensorFlowCheckpointsKeepTheirHeads() throws IOException {
    String checkpoints = "../electra-core/src/test/resources/tensorflow/";
    String out = folder.resolve("mrpc").toString();
    CommandLineRun run =
        CommandLineRun.of("import", checkpoints + "finetuned", out, "--heads", "3");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(JSON.readTree(run.out()).get("unexpected")).isEmpty();
    JsonNode config = JSON.readTree(Files.readString(folder.resolve("mrpc/config.json")));
    assertThat(config.get("architectures").get(0).asText())
        .isEqualTo("ElectraForSequenceClassification");
    assertThat(config.at("/id2label/1").asText()).isEqualTo("1");
    CommandLineRun bare =
        CommandLineRun.of(
            "import", checkpoints + "finetuned", folder + "/bare", "--heads", "3", "--encoder");
    assertThat(bare.code()).as(bare.err()).isZero();
    assertThat(JSON.readTree(bare.out()).get("unexpected")).hasSize(2);
    CommandLineRun other =
        CommandLineRun.of(
            "import", checkpoints + "questions", folder + "/o", "--heads", "3", "--task", "cola");
    assertThat(other.code()).isNotZero();
    assertThat(other.err()).contains("has heads of squad, but not of cola");
  }

  @Test
  void wrongUsesAreToldWithExitCode2() {
    CommandLineRun nothing = CommandLineRun.of("import", folder.toString(), "out");
    assertThat(nothing.code()).isEqualTo(Electra.WRONG);
    assertThat(nothing.err()).contains("is no Hugging Face directory (config.json)");
    CommandLineRun format = CommandLineRun.of("export", "--format", "pb", tiny.model(), "out");
    assertThat(format.code()).isEqualTo(Electra.WRONG);
    assertThat(format.err()).contains("use hf or onnx");
    CommandLineRun encoder =
        CommandLineRun.of("export", "--format", "hf", "--encoder", tiny.model(), "out");
    assertThat(encoder.code()).isEqualTo(Electra.WRONG);
    assertThat(encoder.err()).contains("--encoder is for --format onnx.");
  }

  @Test
  void aDamagedModelFailsWithExitCode1() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("model"));
    Files.copy(Path.of(tiny.model(), "config.json"), directory.resolve("config.json"));
    Files.write(directory.resolve("model.safetensors"), new byte[20]);
    Path out = folder.resolve("out");
    CommandLineRun run = CommandLineRun.of("import", directory.toString(), out.toString());
    assertThat(run.code()).isEqualTo(Electra.FAILED);
    assertThat(run.err()).contains("model.safetensors: ");
    assertThat(out).doesNotExist();
  }
}
