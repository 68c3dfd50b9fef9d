package org.electra4j.finetune.metrics;

/** Correlation of predicted numbers with true ones, as {@code scipy.stats} computes it. */
public final class Correlation {
  private Correlation() {}

  /**
   * Returns Pearson's r: the covariance over the product of the standard deviations; NaN if one
   * side is constant, there are fewer than two values, or one is not a number.
   *
   * @throws IllegalArgumentException if the lengths differ or nothing is given
   */
  public static double pearson(double[] gold, double[] predicted) {
    Pairs.check(gold.length, predicted.length);
    double goldMean = mean(gold);
    double predictedMean = mean(predicted);
    double goldSquares = 0;
    double predictedSquares = 0;
    double products = 0;
    for (int i = 0; i < gold.length; i++) {
      double g = gold[i] - goldMean;
      double p = predicted[i] - predictedMean;
      goldSquares += g * g;
      predictedSquares += p * p;
      products += g * p;
    }
    double r = products / Math.sqrt(goldSquares) / Math.sqrt(predictedSquares);
    return Math.max(-1, Math.min(1, r));
  }

  /**
   * Returns Spearman's rank correlation: Pearson's r of the ranks, equal values sharing their mean
   * rank; NaN as {@link #pearson}.
   *
   * @throws IllegalArgumentException if the lengths differ or nothing is given
   */
  public static double spearman(double[] gold, double[] predicted) {
    Pairs.check(gold.length, predicted.length);
    for (int i = 0; i < gold.length; i++) {
      if (Double.isNaN(gold[i]) || Double.isNaN(predicted[i])) {
        return Double.NaN;
      }
    }
    return pearson(Ranks.of(gold), Ranks.of(predicted));
  }

  /**
   * Returns the mean squared error.
   *
   * @throws IllegalArgumentException if the lengths differ or nothing is given
   */
  public static double meanSquaredError(double[] gold, double[] predicted) {
    Pairs.check(gold.length, predicted.length);
    double sum = 0;
    for (int i = 0; i < gold.length; i++) {
      sum += (gold[i] - predicted[i]) * (gold[i] - predicted[i]);
    }
    return sum / gold.length;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
