package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.electra4j.inference.ReplacedTokenDetector;
import org.electra4j.inference.TokenScore;

/** Prints how likely each token of a text was replaced: {@code DetectReplacedTokens MODEL TEXT}. */
public final class DetectReplacedTokens {
  private DetectReplacedTokens() {}

  /** Runs the example. */
  public static void main(String[] arguments) throws IOException {
    try (ReplacedTokenDetector detector = ReplacedTokenDetector.load(Path.of(arguments[0]))) {
      for (TokenScore score : detector.detect(arguments[1])) {
        System.out.printf("%-16s %5.1f %%%n", score.token(), 100 * score.replaced());
      }
    }
  }
}
