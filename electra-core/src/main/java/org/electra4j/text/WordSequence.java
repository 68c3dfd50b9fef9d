package org.electra4j.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Words of a sentence as one sequence, {@code [CLS] pieces [SEP]}: every word is answered for at
 * its first piece.
 *
 * @param ids token ids
 * @param types all the same
 * @param firstWord number of the first word in the sentence
 * @param rows where the first piece of each word lies in {@code ids}
 * @param vanished number of words of which the tokenizer leaves nothing, so that they are [UNK]
 */
public record WordSequence(int[] ids, int[] types, int firstWord, int[] rows, int vanished)
    implements ModelInput {
  private static final int ADDED = 2;

  /**
   * Returns the sequences of a sentence: one, or several that follow each other where it is too
   * long, so that no word is lost. A word without pieces (control characters) is [UNK]; of one with
   * more pieces than fit, the rest is cut off.
   *
   * @param maxLength most tokens of a sequence, special tokens included, at least 3
   * @return sequences of type 0
   */
  public static List<WordSequence> of(
      WordPieceTokenizer tokenizer, List<String> words, int maxLength) {
    int room = maxLength - ADDED;
    List<WordSequence> sequences = new ArrayList<>();
    Builder builder = new Builder(tokenizer.vocabulary(), 0);
    for (int word = 0; word < words.size(); word++) {
      int[] pieces = tokenizer.encode(words.get(word)).ids();
      boolean vanishes = pieces.length == 0;
      if (vanishes) {
        pieces = new int[] {tokenizer.vocabulary().unkId()};
      }
      int kept = Math.min(pieces.length, room);
      if (builder.ids.size() + kept > room) {
        sequences.add(builder.build());
        builder = new Builder(tokenizer.vocabulary(), word);
      }
      builder.add(Arrays.copyOf(pieces, kept));
      builder.vanished += vanishes ? 1 : 0;
    }
    sequences.add(builder.build());
    return sequences;
  }

  /** Returns the same sequence with another type for all its tokens. */
  public WordSequence withType(int type) {
    int[] all = new int[ids.length];
    Arrays.fill(all, type);
    return new WordSequence(ids, all, firstWord, rows, vanished);
  }

  /**
   * Copies what a model says of each word, at its first piece, to the word's place in its sentence.
   *
   * @param source (tokens, width)
   * @param target (words of the sentence, width)
   * @param width numbers of a token
   */
  public void copyRows(float[] source, float[] target, int width) {
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(source, rows[i] * width, target, (firstWord + i) * width, width);
    }
  }

  private static final class Builder {
    private final Vocabulary vocabulary;
    private final int firstWord;
    private int vanished;
    private final List<Integer> ids = new ArrayList<>();
    private final List<Integer> rows = new ArrayList<>();

    Builder(Vocabulary vocabulary, int firstWord) {
      this.vocabulary = vocabulary;
      this.firstWord = firstWord;
    }

    void add(int[] pieces) {
      rows.add(ids.size() + 1);
      for (int piece : pieces) {
        ids.add(piece);
      }
    }

    WordSequence build() {
      int[] all = new int[ids.size() + ADDED];
      all[0] = vocabulary.clsId();
      for (int i = 0; i < ids.size(); i++) {
        all[i + 1] = ids.get(i);
      }
      all[all.length - 1] = vocabulary.sepId();
      int[] firsts = rows.stream().mapToInt(Integer::intValue).toArray();
      return new WordSequence(all, new int[all.length], firstWord, firsts, vanished);
    }
  }
}
