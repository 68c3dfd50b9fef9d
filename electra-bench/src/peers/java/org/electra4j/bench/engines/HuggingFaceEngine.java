package org.electra4j.bench.engines;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Hugging Face's tokenizers (Rust) through DJL, with the vocabulary of all-MiniLM-L6-v2, which is
 * the bundled one. Batches of 1,000 lines spare it a native call a line; {@code
 * TOKENIZERS_PARALLELISM=false} keeps them in one thread.
 */
final class HuggingFaceEngine implements TokenizerEngine {
  private static final String FILE = "/all-minilm-l6-v2-tokenizer.json";
  private static final int BATCH = 1_000;

  private final HuggingFaceTokenizer tokenizer;

  HuggingFaceEngine() throws IOException {
    if (!"false".equals(System.getenv("TOKENIZERS_PARALLELISM"))) {
      throw new IOException(
          "Set the environment variable TOKENIZERS_PARALLELISM to false, for one thread.");
    }
    System.setProperty("ai.djl.offline", "true");
    try (InputStream in = HuggingFaceEngine.class.getResourceAsStream(FILE)) {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              in,
              Map.of(
                  "addSpecialTokens", "false",
                  "truncation", "false",
                  "padding", "false"));
    }
  }

  @Override
  public long encode(List<String> lines) {
    long tokens = 0;
    for (int first = 0; first < lines.size(); first += BATCH) {
      List<String> batch = lines.subList(first, Math.min(lines.size(), first + BATCH));
      for (Encoding encoding : tokenizer.batchEncode(batch)) {
        tokens += encoding.getIds().length;
      }
    }
    return tokens;
  }

  @Override
  public int[] ids(String line) {
    return Arrays.stream(tokenizer.encode(line).getIds()).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
