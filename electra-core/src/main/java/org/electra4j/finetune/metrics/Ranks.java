package org.electra4j.finetune.metrics;

import java.util.Arrays;
import java.util.Comparator;

/** Ranks of values. */
final class Ranks {
  private Ranks() {}

  /** Returns the ranks from 1; equal values share the mean of their ranks. */
  static double[] of(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> values[i] + 0.0)); // -0 ties with +0
    double[] ranks = new double[values.length];
    for (int begin = 0; begin < order.length; ) {
      int end = begin + 1;
      while (end < order.length && values[order[end]] == values[order[begin]]) {
        end++;
      }
      double shared = (begin + 1 + end) / 2.0;
      for (int i = begin; i < end; i++) {
        ranks[order[i]] = shared;
      }
      begin = end;
    }
    return ranks;
  }
}
