package org.electra4j.finetune;

/** Small work on rows of logits. */
final class Rows {
  private Rows() {}

  /** Returns the index of the largest logit, the lowest on ties. */
  static int argMax(float[] logits) {
    return argMax(logits, 0, logits.length);
  }

  /** Returns the index of the largest of {@code count} logits, counted from {@code begin}. */
  static int argMax(float[] logits, int begin, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = logits[begin + i] > logits[begin + best] ? i : best;
    }
    return best;
  }
}
