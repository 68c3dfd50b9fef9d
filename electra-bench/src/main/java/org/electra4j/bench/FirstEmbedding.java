package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.Pooling;

/** Loads a model, embeds one text and prints the vector: what a start-up measurement waits for. */
public final class FirstEmbedding {
  private FirstEmbedding() {}

  /** Takes the model directory. */
  public static void main(String[] args) throws IOException {
    try (ElectraEncoder encoder = ElectraEncoder.load(Path.of(args[0]))) {
      System.out.println(Arrays.toString(encoder.embed("the chef ate the meal", Pooling.MEAN)));
    }
  }
}
