package org.electra4j.bench.engines;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Encodes text without special tokens. */
public interface TokenizerEngine extends AutoCloseable {
  /** Encodes lines the fastest way that the engine has, in one thread; returns the tokens. */
  long encode(List<String> lines);

  /** Returns the ids of a line. */
  int[] ids(String line);

  @Override
  void close();

  /** Returns {@code electra4j}, {@code electra4j-ids} or {@code djl-huggingface}. */
  static TokenizerEngine open(String name) throws IOException {
    return switch (name) {
      case "electra4j" -> new ElectraTokenizer(false);
      case "electra4j-ids" -> new ElectraTokenizer(true);
      case "djl-huggingface" -> new HuggingFaceEngine();
      default -> throw new IllegalArgumentException("There is no tokenizer " + name + ".");
    };
  }

  /**
   * Compares the ids of every line.
   *
   * @throws IllegalStateException naming the first line that differs
   */
  static void requireSame(TokenizerEngine actual, TokenizerEngine expected, List<String> lines) {
    for (String line : lines) {
      int[] a = actual.ids(line);
      int[] b = expected.ids(line);
      if (!Arrays.equals(a, b)) {
        throw new IllegalStateException(
            "Other ids for the line: " + line + "\n" + Arrays.toString(a) + Arrays.toString(b));
      }
    }
  }
}
