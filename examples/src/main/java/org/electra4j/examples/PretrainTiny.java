package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.train.TrainingListeners;

/** Pre-trains the tiny preset: {@code PretrainTiny CORPUS VOCABULARY OUTPUT STEPS}. */
public final class PretrainTiny {
  private PretrainTiny() {}

  /** Runs the example. */
  public static void main(String[] arguments) throws IOException {
    long steps = Long.parseLong(arguments[3]);
    PretrainingConfig config =
        PretrainingConfig.tiny()
            .corpus(Path.of(arguments[0]))
            .vocabulary(Path.of(arguments[1]))
            .output(Path.of(arguments[2]))
            .steps(steps)
            .warmupSteps(steps / 10)
            .build();
    PretrainingResult result =
        ElectraTrainer.pretrain(
            config, TrainingListeners.progressBar(), TrainingListeners.metricsFile());
    System.out.printf(
        "%d steps, %.0f tokens/s: %s%n", result.steps(), result.tokensPerSecond(), result.model());
  }
}
