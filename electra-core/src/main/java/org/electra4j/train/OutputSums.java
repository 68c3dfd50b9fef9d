package org.electra4j.train;

import java.util.List;
import org.electra4j.PretrainingConfig;
import org.electra4j.model.PretrainingOutputs;

/** Means over the outputs of several batches. */
final class OutputSums {
  private double generatorLoss;
  private double mainLoss;
  private long masked;
  private long correct;
  private long mainTokens;
  private int logitCount;

  /** Returns the sums of these outputs. */
  static OutputSums of(List<PretrainingOutputs> outputs) {
    OutputSums sums = new OutputSums();
    for (PretrainingOutputs output : outputs) {
      sums.generatorLoss += output.generatorLoss() * output.maskedTokens();
      sums.masked += output.maskedTokens();
      sums.correct += output.generatorCorrect();
      sums.mainLoss += output.mainLoss() * output.mainTokens();
      sums.mainTokens += output.mainTokens();
      sums.logitCount += output.logits().length;
    }
    return sums;
  }

  double generatorLoss() {
    return masked == 0 ? Double.NaN : generatorLoss / masked;
  }

  double mainLoss() {
    return mainTokens == 0 ? Double.NaN : mainLoss / mainTokens;
  }

  double accuracy() {
    return masked == 0 ? Double.NaN : (double) correct / masked;
  }

  /** Returns the weighted total of the losses. */
  double total(PretrainingConfig config) {
    double mainWeight =
        config.objective().isLanguageModel()
            ? config.generatorWeight()
            : config.discriminatorWeight();
    return config.generatorWeight() * generatorLoss()
        + (mainTokens == 0 ? 0 : mainWeight * mainLoss());
  }

  /**
   * Returns the discriminator's metrics over all tokens, or {@code null} without a discriminator.
   */
  BinaryMetrics discriminator(List<PretrainingOutputs> outputs) {
    if (logitCount == 0) {
      return null;
    }
    float[] logits = new float[logitCount];
    int[] labels = new int[logitCount];
    int at = 0;
    for (PretrainingOutputs output : outputs) {
      System.arraycopy(output.logits(), 0, logits, at, output.logits().length);
      System.arraycopy(output.replaced(), 0, labels, at, output.replaced().length);
      at += output.logits().length;
    }
    return BinaryMetrics.of(logits, labels);
  }
}
