package org.electra4j.finetune;

/** What the logits of a batch should be, one entry a row of logits or one a sequence. */
sealed interface Targets {

  /**
   * One class a row.
   *
   * @param labels class indices; -1 is ignored
   */
  record Classes(int[] labels) implements Targets {}

  /**
   * A number a sequence.
   *
   * @param values scaled as the head learns them; NaN is ignored
   */
  record Numbers(float[] values) implements Targets {}

  /**
   * Any number of labels a sequence.
   *
   * @param rows B
   * @param present (B, units), 1 where a label applies, else 0; NaN is ignored
   */
  record Labels(int rows, float[] present) implements Targets {}

  /**
   * The two ends of a span in each sequence.
   *
   * @param starts positions from the start of the sequence, -1 is ignored
   * @param ends likewise
   */
  record Spans(int[] starts, int[] ends) implements Targets {}

  /**
   * The two ends of a span in each sequence, and whether the question has an answer at all.
   *
   * @param starts positions from the start of the sequence, 0 where there is no answer in it;
   *     {@code ends} likewise
   * @param impossible whether the whole context has none
   */
  record JointSpans(int[] starts, int[] ends, boolean[] impossible) implements Targets {}
}
