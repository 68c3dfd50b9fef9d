package org.electra4j.model;

/**
 * How tokens are hidden and replaced (paper section 3.1; reference file pretrain_helpers.py).
 *
 * @param maskProb share of the tokens of a sequence that are chosen: 0.15, for Large 0.25
 * @param maskTokenProb share of the chosen that show [MASK]; the others show themselves: 0.85
 * @param withReplacement whether positions are drawn with replacement, as the reference does
 * @param temperature of the generator's samples, 1
 * @param maxSeqLength longest sequence; bounds the choice at {@code int((maskProb + 0.005)
 *     maxSeqLength)}
 * @param clsId id of [CLS]: never chosen
 * @param sepId id of [SEP]: never chosen
 * @param maskId id of [MASK]: never chosen
 */
public record MaskingOptions(
    float maskProb,
    float maskTokenProb,
    boolean withReplacement,
    float temperature,
    int maxSeqLength,
    int clsId,
    int sepId,
    int maskId) {

  /** Returns where the slots of each sequence start, (B + 1), for a batch of packed ids. */
  public int[] cuMasked(int[] ids, int[] cuSeqlens) {
    int most = Math.max(1, (int) ((maskProb + 0.005) * maxSeqLength));
    int[] cuMasked = new int[cuSeqlens.length];
    for (int i = 0; i + 1 < cuSeqlens.length; i++) {
      int length = cuSeqlens[i + 1] - cuSeqlens[i];
      int candidates = 0;
      for (int j = cuSeqlens[i]; j < cuSeqlens[i + 1]; j++) {
        if (ids[j] != clsId && ids[j] != sepId && ids[j] != maskId) {
          candidates++;
        }
      }
      int wanted = Math.max(1, Math.min(most, (int) Math.rint((double) maskProb * length)));
      cuMasked[i + 1] = cuMasked[i] + Math.min(wanted, candidates);
    }
    return cuMasked;
  }
}
