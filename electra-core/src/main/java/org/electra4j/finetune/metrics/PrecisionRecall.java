package org.electra4j.finetune.metrics;

/**
 * Precision, recall and their harmonic mean; each is 0 where its denominator is.
 *
 * @param precision right / predicted
 * @param recall right / gold
 * @param f1 2 precision recall / (precision + recall)
 * @param right number of right predictions
 * @param gold number of things to find
 * @param predicted number of predictions
 */
public record PrecisionRecall(
    double precision, double recall, double f1, long right, long gold, long predicted) {

  static PrecisionRecall of(long right, long gold, long predicted) {
    return new PrecisionRecall(
        ConfusionMatrix.ratio(right, predicted),
        ConfusionMatrix.ratio(right, gold),
        ConfusionMatrix.ratio(2 * right, gold + predicted),
        right,
        gold,
        predicted);
  }
}
