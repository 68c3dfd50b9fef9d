package org.electra4j.finetune.metrics;

import java.util.List;

/**
 * Scores of predicted label sets, as {@code sklearn.metrics} computes them from indicator matrices;
 * a score whose denominator is 0 is 0.
 *
 * @param accuracy share of examples whose label set is predicted exactly
 * @param micro precision, recall and F1 of the counts summed over all labels
 * @param macroF1 mean of the labels' F1, over all labels
 */
public record MultiLabelScores(double accuracy, PrecisionRecall micro, double macroF1) {

  /**
   * Returns the scores.
   *
   * @param classes number of labels
   * @param gold for each example the indices of its labels, without repeats
   * @param predicted for each example the indices of its predicted labels, without repeats
   * @throws IllegalArgumentException if the sizes differ, nothing is given, or a label is out of
   *     range
   */
  public static MultiLabelScores of(
      int classes, List<List<Integer>> gold, List<List<Integer>> predicted) {
    Pairs.check(gold.size(), predicted.size());
    long[] right = new long[classes];
    long[] goldCounts = new long[classes];
    long[] predictedCounts = new long[classes];
    long exact = 0;
    for (int i = 0; i < gold.size(); i++) {
      boolean[] goldSet = set(classes, gold.get(i), goldCounts);
      boolean[] predictedSet = set(classes, predicted.get(i), predictedCounts);
      boolean same = true;
      for (int c = 0; c < classes; c++) {
        right[c] += goldSet[c] && predictedSet[c] ? 1 : 0;
        same &= goldSet[c] == predictedSet[c];
      }
      exact += same ? 1 : 0;
    }
    return new MultiLabelScores(
        (double) exact / gold.size(),
        PrecisionRecall.of(sum(right), sum(goldCounts), sum(predictedCounts)),
        macroF1(right, goldCounts, predictedCounts));
  }

  private static boolean[] set(int classes, List<Integer> labels, long[] counts) {
    boolean[] set = new boolean[classes];
    for (int label : labels) {
      if (label < 0 || label >= classes || set[label]) {
        throw new IllegalArgumentException(
            String.format("labels must be in [0, %d), each once, got %s", classes, labels));
      }
      set[label] = true;
      counts[label]++;
    }
    return set;
  }

  private static double macroF1(long[] right, long[] gold, long[] predicted) {
    double sum = 0;
    for (int c = 0; c < right.length; c++) {
      sum += ConfusionMatrix.ratio(2 * right[c], gold[c] + predicted[c]);
    }
    return sum / right.length;
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
