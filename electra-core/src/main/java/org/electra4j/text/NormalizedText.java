package org.electra4j.text;

import static org.electra4j.text.CharacterTables.CHINESE;
import static org.electra4j.text.CharacterTables.COMBINING;
import static org.electra4j.text.CharacterTables.DECOMPOSES;
import static org.electra4j.text.CharacterTables.LOWER;
import static org.electra4j.text.CharacterTables.MARK;
import static org.electra4j.text.CharacterTables.PUNCTUATION;
import static org.electra4j.text.CharacterTables.REMOVED;
import static org.electra4j.text.CharacterTables.SPACE;

import java.util.Arrays;

/**
 * A piece of text after BERT's normalisation, with the place that each code point came from.
 *
 * <p>The steps are those of Hugging Face's BertNormalizer, in its order: drop control characters
 * and turn white space into blanks; blanks around CJK ideographs; canonical decomposition without
 * non-spacing marks; lower case. A lone surrogate counts as U+FFFD, which is dropped.
 */
final class NormalizedText {
  private static final int NO_PLACE = -1;

  private final TokenizerOptions options;
  private final boolean lowerCase;
  private final boolean stripAccents;
  private final boolean splitChinese;

  private int[] codePoints = new int[64];
  private int[] starts = new int[64];
  private int[] ends = new int[64];
  private int size;

  NormalizedText(TokenizerOptions options) {
    this.options = options;
    this.lowerCase = options.lowerCase();
    this.stripAccents = options.stripsAccents();
    this.splitChinese = options.tokenizeChineseChars();
  }

  int size() {
    return size;
  }

  int codePoint(int index) {
    return codePoints[index];
  }

  /** Returns where the original of a code point starts, as index into the text. */
  int start(int index) {
    return starts[index];
  }

  int end(int index) {
    return ends[index];
  }

  /** Returns the options that this normalises by. */
  TokenizerOptions options() {
    return options;
  }

  /** Returns whether the code point at an index is a blank between words. */
  boolean isSpace(int index) {
    return (CharacterTables.flags(codePoints[index]) & SPACE) != 0;
  }

  /** Returns the end of the word at an index; a blank or a punctuation character stands alone. */
  int wordEnd(int start) {
    int end = start + 1;
    if ((CharacterTables.flags(codePoints[start]) & (SPACE | PUNCTUATION)) == 0) {
      while (end < size && (CharacterTables.flags(codePoints[end]) & (SPACE | PUNCTUATION)) == 0) {
        end++;
      }
    }
    return end;
  }

  /** Returns the code points [from, to) as a string. */
  String substring(int from, int to) {
    return new String(codePoints, from, to - from);
  }

  /** Overwrites this with the normal form of {@code text[start, end)}. */
  void normalize(char[] text, int start, int end) {
    size = 0;
    clean(text, start, end);
    if (stripAccents) {
      sortCombining();
      dropMarks();
    }
  }

  private void clean(char[] text, int start, int end) {
    for (int i = start, next; i < end; i = next) {
      int c = Character.codePointAt(text, i, end);
      next = i + Character.charCount(c);
      int flags = CharacterTables.flags(c);
      if ((flags & REMOVED) != 0
          || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
        continue;
      }
      if ((flags & SPACE) != 0) {
        add(' ', i, next);
      } else if (splitChinese && (flags & CHINESE) != 0) {
        add(' ', i, next);
        addDecomposed(c, flags, i, next);
        add(' ', i, next);
      } else {
        addDecomposed(c, flags, i, next);
      }
    }
  }

  private void addDecomposed(int codePoint, int flags, int start, int end) {
    if (stripAccents && (flags & DECOMPOSES) != 0) {
      for (int c : CharacterTables.decomposition(codePoint)) {
        addLowerCased(c, start, end);
      }
    } else {
      addLowerCased(codePoint, start, end);
    }
  }

  /** Lower-casing here equals lower-casing last: no cased letter is a mark or combines. */
  private void addLowerCased(int codePoint, int start, int end) {
    if (lowerCase && (CharacterTables.flags(codePoint) & LOWER) != 0) {
      for (int c : CharacterTables.lower(codePoint)) {
        add(c, start, end);
      }
    } else {
      add(codePoint, start, end);
    }
  }

  /**
   * Puts each run of combining characters into canonical order. Marks are dropped afterwards, but
   * some characters that HF keeps combine too, and their order decides which pieces match.
   */
  private void sortCombining() {
    for (int i = 0; i < size; i++) {
      int first = i;
      while (i < size && (CharacterTables.flags(codePoints[i]) & COMBINING) != 0) {
        i++;
      }
      if (i - first > 1) {
        sortByClass(first, i);
      }
    }
  }

  /**
   * Sorts one run. As in Hugging Face, places do not move with the characters: those that begin a
   * decomposition take the places of the run from left to right, the others that of the character
   * before them.
   */
  private void sortByClass(int from, int to) {
    int length = to - from;
    long[] keys = new long[length];
    for (int i = 0; i < length; i++) {
      keys[i] = (long) CharacterTables.combiningClass(codePoints[from + i]) << 32 | i;
    }
    Arrays.sort(keys);
    int[] oldCodePoints = Arrays.copyOfRange(codePoints, from, to);
    int[] oldStarts = Arrays.copyOfRange(starts, from, to);
    int[] oldEnds = Arrays.copyOfRange(ends, from, to);
    int beforeRun = from == 0 ? NO_PLACE : starts[from - 1];
    int place = -1;
    for (int i = 0; i < length; i++) {
      int old = (int) keys[i];
      codePoints[from + i] = oldCodePoints[old];
      if (begins(oldStarts, old, beforeRun)) {
        do {
          place++;
        } while (!begins(oldStarts, place, beforeRun));
      }
      starts[from + i] = place < 0 ? starts[from - 1] : oldStarts[place];
      ends[from + i] = place < 0 ? ends[from - 1] : oldEnds[place];
    }
  }

  private static boolean begins(int[] starts, int index, int beforeRun) {
    return starts[index] != (index == 0 ? beforeRun : starts[index - 1]);
  }

  private void dropMarks() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if ((CharacterTables.flags(codePoints[i]) & MARK) == 0) {
        codePoints[kept] = codePoints[i];
        starts[kept] = starts[i];
        ends[kept] = ends[i];
        kept++;
      }
    }
    size = kept;
  }

  private void add(int codePoint, int start, int end) {
    if (size == codePoints.length) {
      codePoints = Arrays.copyOf(codePoints, size * 2);
      starts = Arrays.copyOf(starts, size * 2);
      ends = Arrays.copyOf(ends, size * 2);
    }
    codePoints[size] = codePoint;
    starts[size] = start;
    ends[size] = end;
    size++;
  }
}
