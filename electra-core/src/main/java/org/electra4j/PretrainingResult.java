package org.electra4j;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a pre-training run gave.
 *
 * @param model Hugging Face directory of the trained networks: {@code model} of the output folder
 *     when the run is complete, else its newest checkpoint
 * @param steps optimizer steps taken, over all processes of the run
 * @param tokens real tokens trained on
 * @param seconds time spent in training, over all processes of the run
 * @param stopped why the run ended before its last step; empty when it is complete
 */
public record PretrainingResult(
    Path model, long steps, long tokens, double seconds, Optional<String> stopped) {

  /** Returns tokens over seconds. */
  public double tokensPerSecond() {
    return seconds == 0 ? 0 : tokens / seconds;
  }
}
