package org.electra4j.finetune.metrics;

/** The check that all metrics of gold against predicted begin with. */
final class Pairs {
  private Pairs() {}

  /** Throws unless there are as many predictions as gold values, and at least one. */
  static void check(int gold, int predicted) {
    if (gold != predicted) {
      throw new IllegalArgumentException(
          String.format("%d gold values but %d predictions", gold, predicted));
    }
    if (gold == 0) {
      throw new IllegalArgumentException("a metric needs at least one example");
    }
  }
}
