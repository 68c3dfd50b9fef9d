package org.electra4j.finetune.metrics;

/**
 * How often each class was predicted for each class, and the scores that follow, as {@code
 * sklearn.metrics} computes them; a score whose denominator is 0 is 0.
 */
public final class ConfusionMatrix {
  private final long[][] counts;
  private final long[] gold;
  private final long[] predicted;
  private final long total;

  private ConfusionMatrix(long[][] counts) {
    this.counts = counts;
    this.gold = new long[counts.length];
    this.predicted = new long[counts.length];
    long sum = 0;
    for (int g = 0; g < counts.length; g++) {
      for (int p = 0; p < counts.length; p++) {
        gold[g] += counts[g][p];
        predicted[p] += counts[g][p];
        sum += counts[g][p];
      }
    }
    this.total = sum;
  }

  /**
   * Returns the matrix of predictions.
   *
   * @param classes number of classes
   * @param gold true classes, in [0, classes)
   * @param predicted predicted classes, one for each of {@code gold}
   * @throws IllegalArgumentException if the lengths differ, nothing is given, or a class is out of
   *     range
   */
  public static ConfusionMatrix of(int classes, int[] gold, int[] predicted) {
    Pairs.check(gold.length, predicted.length);
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < gold.length; i++) {
      if (Math.min(gold[i], predicted[i]) < 0 || Math.max(gold[i], predicted[i]) >= classes) {
        throw new IllegalArgumentException(
            String.format(
                "classes must be in [0, %d), got gold %d and predicted %d at %d",
                classes, gold[i], predicted[i], i));
      }
      counts[gold[i]][predicted[i]]++;
    }
    return new ConfusionMatrix(counts);
  }

  /** Returns how often {@code predicted} was predicted where {@code gold} was right. */
  public long count(int gold, int predicted) {
    return counts[gold][predicted];
  }

  /** Returns the share of right predictions. */
  public double accuracy() {
    return ratio(right(), total);
  }

  /** Returns TP / (TP + FP) of a class. */
  public double precision(int label) {
    return ratio(counts[label][label], predicted[label]);
  }

  /** Returns TP / (TP + FN) of a class. */
  public double recall(int label) {
    return ratio(counts[label][label], gold[label]);
  }

  /** Returns 2 TP / (2 TP + FP + FN) of a class. */
  public double f1(int label) {
    return ratio(2 * counts[label][label], gold[label] + predicted[label]);
  }

  /** Returns the mean of {@link #f1} over the classes that occur, in gold or predicted. */
  public double macroF1() {
    double sum = 0;
    int occurring = 0;
    for (int c = 0; c < counts.length; c++) {
      if (gold[c] + predicted[c] > 0) {
        sum += f1(c);
        occurring++;
      }
    }
    return sum / occurring;
  }

  /**
   * Returns precision, recall and F1 of the counts summed over all classes but one, the one that
   * stands for nothing: {@code O} of a tagger. With {@code none} = -1 all three equal {@link
   * #accuracy}.
   */
  public PrecisionRecall micro(int none) {
    long right = right();
    long goldCount = total;
    long predictedCount = total;
    if (none >= 0) {
      right -= counts[none][none];
      goldCount -= gold[none];
      predictedCount -= predicted[none];
    }
    return PrecisionRecall.of(right, goldCount, predictedCount);
  }

  /**
   * Returns the Matthews correlation coefficient, for any number of classes (Gorodkin, 2004): the
   * covariance of gold and predicted over the root of the product of their variances; 0 if one of
   * them is constant.
   */
  public double matthews() {
    double covariance = (double) right() * total;
    double goldVariance = (double) total * total;
    double predictedVariance = (double) total * total;
    for (int c = 0; c < counts.length; c++) {
      covariance -= (double) gold[c] * predicted[c];
      goldVariance -= (double) gold[c] * gold[c];
      predictedVariance -= (double) predicted[c] * predicted[c];
    }
    double product = goldVariance * predictedVariance;
    return product == 0 ? 0 : covariance / Math.sqrt(product);
  }

  private long right() {
    long sum = 0;
    for (int c = 0; c < counts.length; c++) {
      sum += counts[c][c];
    }
    return sum;
  }

  static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
