package org.electra4j.bench.engines;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.electra4j.Precision;

/** Turns sentences into the normalised vectors of all-MiniLM-L6-v2. */
public interface SentenceEngine extends AutoCloseable {
  /** Returns one vector a text. */
  float[][] embed(List<String> texts);

  @Override
  void close();

  /**
   * Returns an engine.
   *
   * @param name {@code electra4j-bf16}, {@code electra4j-fp32}, {@code langchain4j-fp32} or {@code
   *     langchain4j-int8}
   */
  static SentenceEngine open(String name, int threads) throws IOException {
    return switch (name) {
      case "electra4j-bf16", "electra4j-fp32" -> {
        String precision = name.substring(name.indexOf('-') + 1).toUpperCase(Locale.ROOT);
        yield new ElectraSentences(Precision.valueOf(precision), threads);
      }
      case "langchain4j-fp32" -> new LangChainSentences(false, threads);
      case "langchain4j-int8" -> new LangChainSentences(true, threads);
      default -> throw new IllegalArgumentException("There is no engine " + name + ".");
    };
  }
}
