package org.electra4j.data;

/**
 * One batch of packed tokens, before masking: plain arrays, nothing padded.
 *
 * @param inputIds (T) token ids: [CLS] A [SEP] (B [SEP]) of each sequence, laid end to end
 * @param tokenTypeIds (T) 0 for "[CLS] A [SEP]", 1 for "B [SEP]"
 * @param positionIds (T) position within the sequence
 * @param cuSeqlens (B + 1) where each sequence starts in T, then T
 */
public record PretrainingBatch(
    int[] inputIds, int[] tokenTypeIds, int[] positionIds, int[] cuSeqlens) {

  /** Returns T, the number of real tokens. */
  public int tokens() {
    return inputIds.length;
  }

  /** Returns B, the number of sequences. */
  public int sequences() {
    return cuSeqlens.length - 1;
  }

  /** Returns the length of the longest sequence. */
  public int maxSeqlen() {
    int max = 0;
    for (int i = 1; i < cuSeqlens.length; i++) {
      max = Math.max(max, cuSeqlens[i] - cuSeqlens[i - 1]);
    }
    return max;
  }
}
