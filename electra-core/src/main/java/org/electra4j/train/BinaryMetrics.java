package org.electra4j.train;

import java.util.Arrays;

/**
 * How well a discriminator tells replaced tokens (positive) from original ones.
 *
 * @param auc area under the ROC curve; NaN when one class is missing
 * @param precision share of the suspected that were replaced; 0 when none was suspected
 * @param recall share of the replaced that were suspected; 0 when none was replaced
 * @param accuracy share of right answers
 * @param balancedAccuracy mean of recall and the share of originals that were trusted
 * @param positives number of replaced tokens
 * @param count number of tokens
 */
public record BinaryMetrics(
    double auc,
    double precision,
    double recall,
    double accuracy,
    double balancedAccuracy,
    long positives,
    long count) {

  /** Returns the metrics of logits (suspected when &gt; 0) against labels 1 and 0. */
  public static BinaryMetrics of(float[] logits, int[] labels) {
    long tp = 0;
    long fp = 0;
    long fn = 0;
    long tn = 0;
    for (int i = 0; i < logits.length; i++) {
      boolean suspected = logits[i] > 0;
      if (labels[i] == 1) {
        tp += suspected ? 1 : 0;
        fn += suspected ? 0 : 1;
      } else {
        fp += suspected ? 1 : 0;
        tn += suspected ? 0 : 1;
      }
    }
    double recall = ratio(tp, tp + fn);
    return new BinaryMetrics(
        auc(logits, labels),
        ratio(tp, tp + fp),
        recall,
        ratio(tp + tn, logits.length),
        (recall + ratio(tn, tn + fp)) / 2,
        tp + fn,
        logits.length);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** Mann-Whitney: the chance that a positive scores above a negative, ties counting half. */
  private static double auc(float[] logits, int[] labels) {
    long[] order = new long[logits.length];
    for (int i = 0; i < order.length; i++) {
      int bits = Float.floatToIntBits(logits[i] + 0f); // -0 becomes +0, which it ties with
      int sortable = bits >= 0 ? bits : bits ^ 0x7FFFFFFF;
      order[i] = ((long) sortable << 1) | labels[i];
    }
    Arrays.sort(order);
    double wins = 0;
    long negativesBelow = 0;
    long positives = 0;
    for (int begin = 0; begin < order.length; ) {
      int end = begin;
      long positivesHere = 0;
      while (end < order.length && order[end] >> 1 == order[begin] >> 1) {
        positivesHere += order[end] & 1;
        end++;
      }
      long negativesHere = end - begin - positivesHere;
      wins += positivesHere * (negativesBelow + negativesHere / 2.0);
      negativesBelow += negativesHere;
      positives += positivesHere;
      begin = end;
    }
    return positives == 0 || negativesBelow == 0 ? Double.NaN : wins / positives / negativesBelow;
  }
}
