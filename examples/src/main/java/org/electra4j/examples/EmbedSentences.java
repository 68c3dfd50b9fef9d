package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.EmbeddingOptions;

/**
 * Prints the cosine similarity of texts to the first: {@code EmbedSentences MODEL TEXT TEXT…}.
 *
 * <p>MODEL is any model directory. With all-MiniLM-L6-v2 as {@code electra import} writes it from
 * LangChain4j's jar, the vectors are those of LangChain4j's in-process model, which cuts texts to
 * 128 tokens.
 */
public final class EmbedSentences {
  private static final int MAX_LENGTH = 128;

  private EmbedSentences() {}

  /** Runs the example. */
  public static void main(String[] arguments) throws IOException {
    List<String> texts = Arrays.asList(arguments).subList(1, arguments.length);
    EmbeddingOptions options = EmbeddingOptions.sentences().withMaxLength(MAX_LENGTH);
    try (ElectraEncoder encoder = ElectraEncoder.load(Path.of(arguments[0]))) {
      float[][] vectors = encoder.embed(texts, options); // of norm 1
      for (int i = 0; i < vectors.length; i++) {
        System.out.printf("%.3f %s%n", dot(vectors[0], vectors[i]), texts.get(i));
      }
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
