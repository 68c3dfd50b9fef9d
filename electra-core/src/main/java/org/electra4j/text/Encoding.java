package org.electra4j.text;

import java.util.AbstractList;
import java.util.List;

/**
 * The tokens of one text with their places in it. The arrays are the encoding's own: do not write
 * to them.
 */
public final class Encoding {
  private final Vocabulary vocabulary;
  private final int[] ids;
  private final int[] starts;
  private final int[] ends;

  Encoding(Vocabulary vocabulary, int[] ids, int[] starts, int[] ends) {
    this.vocabulary = vocabulary;
    this.ids = ids;
    this.starts = starts;
    this.ends = ends;
  }

  /** Returns the number of tokens. */
  public int size() {
    return ids.length;
  }

  /** Returns the token ids. */
  public int[] ids() {
    return ids;
  }

  /** Returns the vocabulary entries of the ids; unmodifiable. */
  public List<String> tokens() {
    return new AbstractList<>() {
      @Override
      public String get(int index) {
        return vocabulary.token(ids[index]);
      }

      @Override
      public int size() {
        return ids.length;
      }
    };
  }

  /** Returns where each token starts in the original text, as {@link String#charAt} index. */
  public int[] starts() {
    return starts;
  }

  /** Returns where each token ends in the original text, exclusive. */
  public int[] ends() {
    return ends;
  }

  @Override
  public String toString() {
    return tokens().toString();
  }
}
