package org.electra4j.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.HiddenStates;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.OnnxEncoder;
import org.electra4j.io.Safetensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("parity")
class MiniLmDirectoryTest {
  @Test
  void holdsShapeWeightsAndVocabulary(@TempDir Path directory) throws IOException {
    MiniLm.writeDirectory(directory);
    assertThat(HuggingFaceConfig.read(directory).config()).isEqualTo(MiniLm.CONFIG);
    List<String> vocabulary = Files.readAllLines(directory.resolve("vocab.txt"));
    assertThat(vocabulary).hasSize(MiniLm.CONFIG.vocabSize()).doesNotHaveDuplicates();
    assertThat(vocabulary.subList(100, 104)).containsExactly("[UNK]", "[CLS]", "[SEP]", "[MASK]");
    OnnxEncoder onnx = MiniLm.encoder();
    assertThat(onnx.config()).isEqualTo(MiniLm.CONFIG);
    assertThat(onnx.shape("encoder.layer.0.intermediate.dense.weight")).containsExactly(1536, 384);
    try (Safetensors file = Safetensors.open(directory)) {
      assertThat(file.tensors()).hasSameSizeAs(onnx.names());
      for (String name : onnx.names()) {
        assertThat(file.readFloats("electra." + name)).as(name).isEqualTo(onnx.values(name));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void encodesTextAsOnnxRuntimeDoes(String device, @TempDir Path directory)
      throws IOException, OrtException {
    MiniLm.writeDirectory(directory);
    InferenceOptions options =
        InferenceOptions.defaults()
            .withDevice(Device.parse(device))
            .withPrecision(Precision.FP32);
    try (ElectraEncoder encoder = ElectraEncoder.load(directory, options);
        OnnxRuntimeEncoder onnx = new OnnxRuntimeEncoder(MiniLm.onnxModel())) {
      HiddenStates actual = encoder.encode("The chef cooked the meal, n'est-ce pas?");
      assertThat(actual.tokens())
          .startsWith("[CLS]", "the", "chef", "cooked", "the", "meal", ",")
          .endsWith("?", "[SEP]");
      float[][] expected = onnx.hiddenStates(actual.ids(), new int[actual.ids().length]);
      assertThat(actual.rows()).hasSameDimensionsAs(expected);
      for (int row = 0; row < expected.length; row++) {
        assertThat(actual.rows()[row])
            .as("token %d", row)
            .containsExactly(expected[row], within(1e-4f));
      }
    }
  }
}
