package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.RandomModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX Runtime computes the logits of transformers, with padding in the batch. */
class OnnxExportTest {
  private static final float TOLERANCE = 1e-5f;
  private static final int PAD = 7; // any id: the mask tells what is padding

  @TempDir Path folder;

  private static Path golden(String name) {
    try {
      return Path.of(OnnxExportTest.class.getResource("/huggingface/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long[][] padded(JsonNode rows, long padding) {
    int longest = 0;
    for (JsonNode row : rows) {
      longest = Math.max(longest, row.size());
    }
    long[][] result = new long[rows.size()][longest];
    for (int i = 0; i < result.length; i++) {
      Arrays.fill(result[i], padding);
      for (int j = 0; j < rows.get(i).size(); j++) {
        result[i][j] = rows.get(i).get(j).longValue();
      }
    }
    return result;
  }

  private static long[][] mask(JsonNode rows) {
    long[][] mask = padded(rows, -1);
    for (long[] row : mask) {
      Arrays.setAll(row, j -> row[j] == -1 ? 0 : 1);
    }
    return mask;
  }

  /** Runs a batch; returns the outputs by name. */
  private static Map<String, Object> run(Path model, JsonNode ids, JsonNode types)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model.toString());
        OnnxTensor inputIds = OnnxTensor.createTensor(environment, padded(ids, PAD));
        OnnxTensor attentionMask = OnnxTensor.createTensor(environment, mask(ids));
        OnnxTensor typeIds = OnnxTensor.createTensor(environment, padded(types, 0));
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids", inputIds,
                    "attention_mask", attentionMask,
                    "token_type_ids", typeIds))) {
      Map<String, Object> outputs = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> output : result) {
        outputs.put(output.getKey(), output.getValue().getValue());
      }
      return outputs;
    }
  }

  private static void compare(JsonNode expected, Object actual, String where) {
    if (!expected.isArray()) {
      assertThat((Float) actual).as(where).isCloseTo(expected.floatValue(), within(TOLERANCE));
      return;
    }
    for (int i = 0; i < expected.size(); i++) { // actual may be longer by padding
      Object element = actual instanceof float[] row ? row[i] : ((Object[]) actual)[i];
      compare(expected.get(i), element, where + ", " + i);
    }
  }

  private JsonNode export(String name, Path model) throws IOException {
    OnnxExport.write(golden(name), model);
    return new ObjectMapper().readTree(golden(name).resolve("expected.json").toFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pre_training", "masked_lm", "classification", "regression", "tagging"})
  void logitsAreThoseOfTransformers(String name) throws IOException, OrtException {
    Path model = folder.resolve("model.onnx");
    JsonNode expected = export(name, model);
    Map<String, Object> outputs =
        run(model, expected.get("input_ids"), expected.get("token_type_ids"));
    assertThat(outputs).containsOnlyKeys("logits");
    assertThat((Object[]) outputs.get("logits")).hasSize(3);
    compare(expected.get("logits"), outputs.get("logits"), name);
  }

  @Test
  void questionAnsweringHasStartsAndEnds() throws IOException, OrtException {
    Path model = folder.resolve("model.onnx");
    JsonNode expected = export("question_answering", model);
    Map<String, Object> outputs =
        run(model, expected.get("input_ids"), expected.get("token_type_ids"));
    assertThat(outputs).containsOnlyKeys("start_logits", "end_logits");
    float[][] starts = (float[][]) outputs.get("start_logits");
    float[][] ends = (float[][]) outputs.get("end_logits");
    for (int i = 0; i < starts.length; i++) {
      JsonNode logits = expected.get("logits").get(i);
      for (int j = 0; j < logits.size(); j++) {
        assertThat(starts[i][j]).isCloseTo(logits.get(j).get(0).floatValue(), within(TOLERANCE));
        assertThat(ends[i][j]).isCloseTo(logits.get(j).get(1).floatValue(), within(TOLERANCE));
      }
    }
  }

  @Test
  void theEncoderAloneGivesTheHiddenStates() throws IOException, OrtException {
    Path directory = RandomModel.electra(folder.resolve("model"));
    Path model = folder.resolve("encoder.onnx");
    OnnxExport.writeEncoder(directory, model);
    int[][] ids = {{4, 1, 9, 3}, {4, 30, 31, 32, 1, 20, 3}};
    ObjectMapper mapper = new ObjectMapper();
    Map<String, Object> outputs =
        run(model, mapper.valueToTree(ids), mapper.valueToTree(new int[][] {{0}, {0}}));
    assertThat(outputs).containsOnlyKeys("last_hidden_state");
    float[][][] hidden = (float[][][]) outputs.get("last_hidden_state");
    try (ElectraEncoder encoder = ElectraEncoder.load(directory, RandomModel.REFERENCE)) {
      for (int i = 0; i < ids.length; i++) {
        float[][] expected = encoder.hiddenStates(ids[i]);
        for (int j = 0; j < expected.length; j++) {
          assertThat(hidden[i][j]).containsExactly(expected[j], within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void labelsAreMetadata() throws IOException, OrtException {
    Path model = folder.resolve("model.onnx");
    export("classification", model);
    try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model.toString())) {
      assertThat(session.getMetadata().getCustomMetadata())
          .containsEntry("architecture", "ElectraForSequenceClassification")
          .containsEntry("id2label", "{\"0\":\"bad\",\"1\":\"fair\",\"2\":\"good\"}");
    }
    assertThat(folder.toFile().list()).containsExactly("model.onnx");
  }

  @Test
  void aMissingTensorIsNamedAndNothingIsLeft() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(golden("tagging").resolve(file), directory.resolve(file));
    }
    String config = Files.readString(directory.resolve("config.json"));
    Files.writeString(
        directory.resolve("config.json"),
        config.replace("ElectraForTokenClassification", "ElectraForQuestionAnswering"));
    assertThatThrownBy(() -> OnnxExport.write(directory, folder.resolve("model.onnx")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("model.safetensors: lacks the tensor qa_outputs.weight");
    assertThat(folder.toFile().list()).containsExactly("model");
  }
}
