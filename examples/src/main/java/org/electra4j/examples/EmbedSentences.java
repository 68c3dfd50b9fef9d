package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.inference.ElectraEncoder;

/** Prints the cosine similarity of texts to the first: {@code EmbedSentences MODEL TEXT TEXT…}. */
public final class EmbedSentences {
  private EmbedSentences() {}

  /** Runs the example. */
  public static void main(String[] arguments) throws IOException {
    List<String> texts = Arrays.asList(arguments).subList(1, arguments.length);
    try (ElectraEncoder encoder = ElectraEncoder.load(Path.of(arguments[0]))) {
      float[][] embeddings = encoder.embed(texts);
      for (int i = 0; i < embeddings.length; i++) {
        System.out.printf("%.3f %s%n", cosine(embeddings[0], embeddings[i]), texts.get(i));
      }
    }
  }

  private static double cosine(float[] a, float[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
}
