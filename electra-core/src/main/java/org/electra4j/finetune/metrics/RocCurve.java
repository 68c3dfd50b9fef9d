package org.electra4j.finetune.metrics;

/** The receiver operating characteristic of a score. */
public final class RocCurve {
  private RocCurve() {}

  /**
   * Returns the area under the curve, {@code sklearn.metrics.roc_auc_score}: the chance that a
   * positive scores above a negative, ties counting half. NaN if one class is missing.
   *
   * @param positive whether each example is of the positive class
   * @param scores how sure the model is of the positive class; any monotone scale
   * @throws IllegalArgumentException if the lengths differ, nothing is given, or a score is NaN
   */
  public static double area(boolean[] positive, double[] scores) {
    Pairs.check(positive.length, scores.length);
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i])) {
        throw new IllegalArgumentException("score " + i + " is not a number");
      }
    }
    double[] ranks = Ranks.of(scores);
    double rankSum = 0;
    long positives = 0;
    for (int i = 0; i < positive.length; i++) {
      if (positive[i]) {
        rankSum += ranks[i];
        positives++;
      }
    }
    double wins = rankSum - positives * (positives + 1) / 2.0;
    return wins / positives / (positive.length - positives);
  }
}
