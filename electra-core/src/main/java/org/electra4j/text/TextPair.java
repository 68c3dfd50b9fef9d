package org.electra4j.text;

import java.util.Arrays;

/**
 * A text or a pair of texts as one sequence: {@code [CLS] a [SEP]} or {@code [CLS] a [SEP] b
 * [SEP]}.
 *
 * @param ids token ids
 * @param types 0 up to the first [SEP], then 1
 * @param truncated whether tokens were cut off
 */
public record TextPair(int[] ids, int[] types, boolean truncated) implements ModelInput {
  private static final int SINGLE_ADDED = 2;
  private static final int PAIR_ADDED = 3;

  /**
   * Returns the sequence of a text, or of two. What is too long loses tokens at its end; of a pair
   * the longer text loses them, and the second where both are as long (reference file
   * finetune/classification).
   *
   * @param pair the second text, or null
   * @param maxLength most tokens, special tokens included
   */
  public static TextPair of(WordPieceTokenizer tokenizer, String text, String pair, int maxLength) {
    Encoding a = tokenizer.encode(text);
    int keptA = a.size();
    if (pair == null) {
      keptA = Math.min(keptA, maxLength - SINGLE_ADDED);
      return join(tokenizer.vocabulary(), a, keptA, null, 0);
    }
    Encoding b = tokenizer.encode(pair);
    int keptB = b.size();
    int room = Math.max(0, maxLength - PAIR_ADDED);
    if (keptA + keptB > room) {
      int shorter = Math.min(Math.min(keptA, keptB), room / 2);
      if (keptA <= keptB) {
        keptA = Math.min(keptA, room - shorter);
        keptB = room - keptA;
      } else {
        keptB = shorter;
        keptA = room - shorter;
      }
    }
    return join(tokenizer.vocabulary(), a, keptA, b, keptB);
  }

  private static TextPair join(
      Vocabulary vocabulary, Encoding a, int keptA, Encoding b, int keptB) {
    int length = keptA + (b == null ? SINGLE_ADDED : keptB + PAIR_ADDED);
    int[] ids = new int[length];
    int[] types = new int[length];
    ids[0] = vocabulary.clsId();
    System.arraycopy(a.ids(), 0, ids, 1, keptA);
    ids[keptA + 1] = vocabulary.sepId();
    boolean truncated = keptA < a.size();
    if (b != null) {
      System.arraycopy(b.ids(), 0, ids, keptA + 2, keptB);
      ids[length - 1] = vocabulary.sepId();
      Arrays.fill(types, keptA + 2, length, 1);
      truncated |= keptB < b.size();
    }
    return new TextPair(ids, types, truncated);
  }
}
