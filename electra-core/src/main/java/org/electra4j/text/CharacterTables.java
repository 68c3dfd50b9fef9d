package org.electra4j.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What Hugging Face's BERT normaliser and pre-tokeniser know about each code point. Read from
 * {@code unicode.txt}, not from {@link Character}: the Unicode version of a JDK would change token
 * ids.
 */
final class CharacterTables {
  /** Control, format and private-use characters, NUL and U+FFFD: dropped. */
  static final int REMOVED = 1;

  /** White space: ends a word. */
  static final int SPACE = 1 << 1;

  /** A word of its own. */
  static final int PUNCTUATION = 1 << 2;

  /** A CJK ideograph: a word of its own where {@link TokenizerOptions#tokenizeChineseChars}. */
  static final int CHINESE = 1 << 3;

  /** A non-spacing mark: dropped where {@link TokenizerOptions#stripsAccents}. */
  static final int MARK = 1 << 4;

  /** Has a lower-case mapping. */
  static final int LOWER = 1 << 5;

  /** Has a canonical decomposition. */
  static final int DECOMPOSES = 1 << 6;

  /** Has a canonical combining class above 0. */
  static final int COMBINING = 1 << 7;

  private static final int MOST_NUMBERS = 8;
  private static final int PAGE_BITS = 8;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;
  private static final int FIRST_SYLLABLE = 0xAC00;
  private static final int LAST_SYLLABLE = 0xD7A3;
  private static final CharacterTables INSTANCE = load();

  private final byte[] plain = new byte[PAGE_SIZE];
  private final byte[][] pages = new byte[(Character.MAX_CODE_POINT + 1) >> PAGE_BITS][];
  private final Map<Integer, int[]> lower = new HashMap<>();
  private final Map<Integer, int[]> decompositions = new HashMap<>();
  private final Map<Integer, Integer> combiningClasses = new HashMap<>();

  private CharacterTables() {
    Arrays.fill(pages, plain);
  }

  /** Returns the flags of a code point: a union of the constants above. */
  static int flags(int codePoint) {
    return INSTANCE.pages[codePoint >> PAGE_BITS][codePoint & PAGE_SIZE - 1] & 0xFF;
  }

  /** Returns the lower-case mapping of a code point that has {@link #LOWER}. */
  static int[] lower(int codePoint) {
    return INSTANCE.lower.get(codePoint);
  }

  /** Returns the canonical combining class, 0 to 254. */
  static int combiningClass(int codePoint) {
    return (flags(codePoint) & COMBINING) == 0 ? 0 : INSTANCE.combiningClasses.get(codePoint);
  }

  /** Returns the full canonical decomposition of a code point that has {@link #DECOMPOSES}. */
  static int[] decomposition(int codePoint) {
    return isSyllable(codePoint)
        ? decomposeSyllable(codePoint - FIRST_SYLLABLE)
        : INSTANCE.decompositions.get(codePoint);
  }

  /**
   * Returns whether a code point is a Hangul syllable, which decomposes into two or three letters.
   */
  static boolean isSyllable(int codePoint) {
    return codePoint >= FIRST_SYLLABLE && codePoint <= LAST_SYLLABLE;
  }

  /** Hangul syllables: The Unicode Standard, section 3.12. */
  private static int[] decomposeSyllable(int index) {
    int lead = 0x1100 + index / (21 * 28);
    int vowel = 0x1161 + index % (21 * 28) / 28;
    int trail = 0x11A7 + index % 28;
    return trail == 0x11A7 ? new int[] {lead, vowel} : new int[] {lead, vowel, trail};
  }

  private static CharacterTables load() {
    CharacterTables tables = new CharacterTables();
    try (InputStream in = CharacterTables.class.getResourceAsStream("unicode.txt")) {
      tables.read(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("org/electra4j/text/unicode.txt cannot be read", e);
    }
    tables.mark(FIRST_SYLLABLE, LAST_SYLLABLE, DECOMPOSES);
    return tables;
  }

  /**
   * Reads lines of a word and hexadecimal numbers, each line ended by {@code \n}; one that begins
   * with # is a comment.
   */
  private void read(byte[] text) {
    for (int at = 0; at < text.length; at++) {
      int start = at;
      while (text[at] > ' ') {
        at++;
      }
      String kind = new String(text, start, at - start, StandardCharsets.ISO_8859_1);
      int end = at;
      while (text[end] != '\n') {
        end++;
      }
      if (text[start] != '#') {
        add(kind, numbers(text, at, end));
      }
      at = end;
    }
  }

  /** Returns the numbers between two places, each with a blank before it. */
  private static int[] numbers(byte[] text, int start, int end) {
    int[] numbers = new int[MOST_NUMBERS];
    int count = 0;
    for (int at = start; at < end; at++) {
      if (text[at] == ' ') {
        count++;
      } else {
        int digit = text[at] <= '9' ? text[at] - '0' : text[at] - 'A' + 10;
        numbers[count - 1] = numbers[count - 1] << 4 | digit;
      }
    }
    return Arrays.copyOf(numbers, count);
  }

  private void add(String kind, int[] n) {
    switch (kind) {
      case "removed" -> mark(n[0], n[1], REMOVED);
      case "space" -> mark(n[0], n[1], SPACE);
      case "punctuation" -> mark(n[0], n[1], PUNCTUATION);
      case "chinese" -> mark(n[0], n[1], CHINESE);
      case "mark" -> mark(n[0], n[1], MARK);
      case "class" -> {
        mark(n[0], n[1], COMBINING);
        for (int c = n[0]; c <= n[1]; c++) {
          combiningClasses.put(c, n[2]);
        }
      }
      case "lower" -> {
        for (int c = n[0]; c <= n[1]; c += n[2]) {
          map(lower, LOWER, c, c + n[3]);
        }
      }
      case "lowers" -> map(lower, LOWER, n[0], Arrays.copyOfRange(n, 1, n.length));
      case "decompose" -> map(decompositions, DECOMPOSES, n[0], Arrays.copyOfRange(n, 1, n.length));
      default -> throw new IllegalStateException("unicode.txt: unknown line " + kind);
    }
  }

  private void map(Map<Integer, int[]> mappings, int flag, int codePoint, int... mapped) {
    mappings.put(codePoint, mapped);
    mark(codePoint, codePoint, flag);
  }

  private void mark(int first, int last, int flag) {
    for (int from = first; from <= last; from = (from | PAGE_SIZE - 1) + 1) {
      int page = from >> PAGE_BITS;
      if (pages[page] == plain) {
        pages[page] = new byte[PAGE_SIZE];
      }
      byte[] flags = pages[page];
      int to = Math.min(last, from | PAGE_SIZE - 1) & PAGE_SIZE - 1;
      for (int i = from & PAGE_SIZE - 1; i <= to; i++) {
        flags[i] |= (byte) flag;
      }
    }
  }
}
