package org.electra4j.finetune;

/**
 * Losses of a few logits, with their gradients, in double precision: those that have no kernel,
 * because there are too few numbers to gain anything.
 */
final class RowLosses {
  private RowLosses() {}

  /**
   * A summed loss.
   *
   * @param loss {@code Σ loss}
   * @param counted rows that were not ignored
   * @param gradient of {@code scale Σ loss}, of the shape of the logits
   */
  record Loss(double loss, long counted, float[] gradient) {}

  /** Returns {@code Σ (logit - target)²} over rows of one logit (reference file classification). */
  static Loss squaredError(float[] logits, float[] targets, double scale) {
    float[] gradient = new float[logits.length];
    double sum = 0;
    long counted = 0;
    for (int i = 0; i < logits.length; i++) {
      if (Float.isNaN(targets[i])) {
        continue;
      }
      double difference = (double) logits[i] - targets[i];
      sum += difference * difference;
      counted++;
      gradient[i] = (float) (2 * scale * difference);
    }
    return new Loss(sum, counted, gradient);
  }

  /**
   * Returns the sigmoid cross-entropy of each label, averaged over the labels of a row and summed
   * over rows, as transformers has it for one row.
   *
   * @param logits (rows, units)
   * @param present (rows, units)
   */
  static Loss binaryCrossEntropy(float[] logits, float[] present, int units, double scale) {
    float[] gradient = new float[logits.length];
    double sum = 0;
    long counted = 0;
    for (int row = 0; row < logits.length; row += units) {
      if (Float.isNaN(present[row])) {
        continue;
      }
      counted++;
      for (int i = row; i < row + units; i++) {
        double z = logits[i];
        sum += (Math.max(z, 0) - z * present[i] + Math.log1p(Math.exp(-Math.abs(z)))) / units;
        gradient[i] = (float) (scale / units * (1 / (1 + Math.exp(-z)) - present[i]));
      }
    }
    return new Loss(sum, counted, gradient);
  }

  /**
   * Returns the softmax cross-entropy of each row times the weight of its class.
   *
   * @param logits (rows, classes)
   * @param weights (classes)
   */
  static Loss weightedCrossEntropy(float[] logits, int[] labels, double[] weights, double scale) {
    int classes = weights.length;
    float[] gradient = new float[logits.length];
    double sum = 0;
    long counted = 0;
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] < 0) {
        continue;
      }
      counted++;
      int begin = row * classes;
      double weight = weights[labels[row]];
      double lse = logSumExp(logits, begin, classes);
      sum += weight * (lse - logits[begin + labels[row]]);
      for (int i = 0; i < classes; i++) {
        double p = Math.exp(logits[begin + i] - lse);
        gradient[begin + i] = (float) (scale * weight * (p - (i == labels[row] ? 1 : 0)));
      }
    }
    return new Loss(sum, counted, gradient);
  }

  /** Returns {@code log Σ exp} over {@code count} logits. */
  static double logSumExp(float[] logits, int begin, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = begin; i < begin + count; i++) {
      max = Math.max(max, logits[i]);
    }
    double sum = 0;
    for (int i = begin; i < begin + count; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum);
  }
}
