package org.electra4j.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.Safetensors;
import org.electra4j.parity.OnnxInitializers.Weight;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("parity")
class MiniLmDirectoryTest {
  @Test
  void holdsShapeWeightsAndVocabulary(@TempDir Path directory) throws IOException {
    MiniLm.writeDirectory(directory);
    assertThat(HuggingFaceConfig.read(directory).config()).isEqualTo(MiniLm.CONFIG);
    List<String> vocabulary = Files.readAllLines(directory.resolve("vocab.txt"));
    assertThat(vocabulary).hasSize(MiniLm.CONFIG.vocabSize()).doesNotHaveDuplicates();
    assertThat(vocabulary.subList(100, 104)).containsExactly("[UNK]", "[CLS]", "[SEP]", "[MASK]");
    Map<String, Weight> weights = MiniLm.weights();
    try (Safetensors file = Safetensors.open(directory)) {
      assertThat(file.tensors()).hasSameSizeAs(weights);
      for (Map.Entry<String, Weight> entry : weights.entrySet()) {
        assertThat(file.readFloats("electra." + entry.getKey()))
            .as(entry.getKey())
            .isEqualTo(entry.getValue().values());
      }
    }
  }
}
