package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  @TempDir Path folder;
  private Path directory;

  @BeforeEach
  void write() throws IOException {
    directory = RandomModel.electra(folder.resolve("model"));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> failure(Path directory) {
    return assertThatThrownBy(
            () -> ReplacedTokenDetector.load(directory, RandomModel.REFERENCE).close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    failure(folder.resolve("nowhere")).hasMessageContaining("nowhere: the model directory");
    for (String file : List.of("config.json", "model.safetensors")) {
      Path moved = Files.move(directory.resolve(file), folder.resolve(file));
      failure(directory).hasMessageContaining(directory.toString()).hasMessageContaining(file);
      Files.move(moved, directory.resolve(file));
    }
    Files.delete(directory.resolve("vocab.txt"));
    Files.delete(directory.resolve("tokenizer.json"));
    failure(directory).hasMessageContaining(directory.toString()).hasMessageContaining("vocab.txt");
  }

  @Test
  void aVocabularyOfAnotherSizeIsRefused() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("vocab.txt")));
    lines.add("extra");
    Files.write(directory.resolve("vocab.txt"), lines);
    failure(directory)
        .hasMessageContaining("config.json: vocab_size is 65")
        .hasMessageContaining("has 66 tokens");
  }

  @Test
  void networksOfAnotherKindAreRefused() throws IOException {
    failure(directory.resolve("generator"))
        .hasMessageContaining("config.json: architectures is [ElectraForMaskedLM]")
        .hasMessageContaining("needs ElectraForPreTraining");
    try (var files = Files.walk(directory.resolve("generator"))) {
      for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    assertThatThrownBy(() -> MaskFiller.load(directory, RandomModel.REFERENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("architectures is [ElectraForPreTraining]")
        .hasMessageContaining("folder generator")
        .hasMessageContaining("needs ElectraForMaskedLM");
  }

  @Test
  void missingTensorsAreNamed() throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    try (Safetensors file = Safetensors.open(directory)) {
      for (String name : file.tensors().keySet()) {
        if (!name.startsWith("discriminator_predictions.dense.")) {
          long[] shape =
              file.tensors().get(name).shape().stream().mapToLong(Number::longValue).toArray();
          writer.floats(name, file.readFloats(name), shape);
        }
      }
    }
    Files.delete(directory.resolve("model.safetensors"));
    writer.writeTo(directory.resolve("model.safetensors"));
    failure(directory)
        .hasMessageContaining("model.safetensors: lacks tensors of the network: ")
        .hasMessageContaining("discriminator_predictions.dense.weight")
        .hasMessageContaining("discriminator_predictions.dense.bias");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> new InferenceOptions(Device.AUTO, Precision.AUTO, 0, 1))
        .hasMessage("threads must be at least 1, got 0.");
    assertThatThrownBy(() -> InferenceOptions.defaults().withMaxBatchTokens(0))
        .hasMessage("maxBatchTokens must be at least 1, got 0.");
  }
}
