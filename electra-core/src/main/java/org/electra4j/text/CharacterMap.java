package org.electra4j.text;

import static org.electra4j.text.CharacterTables.CHINESE;
import static org.electra4j.text.CharacterTables.COMBINING;
import static org.electra4j.text.CharacterTables.DECOMPOSES;
import static org.electra4j.text.CharacterTables.LOWER;
import static org.electra4j.text.CharacterTables.MARK;
import static org.electra4j.text.CharacterTables.PUNCTUATION;
import static org.electra4j.text.CharacterTables.REMOVED;

/**
 * What the encoder does with each UTF-16 char, as one table: normalisation, the split at
 * punctuation and the trie's code folded together for every character that maps to one character by
 * itself.
 *
 * <p>An entry above 0 is the trie code of a plain character of a word; {@link #SPACE} ends a word;
 * {@link #COMPLEX} needs {@link NormalizedText}; anything below is a word of one character, whose
 * id is {@link #isolatedId}.
 */
final class CharacterMap {
  static final int SPACE = 0;
  static final int COMPLEX = -1;

  /** What {@link #normalForm} may change. */
  private static final int CHANGED = DECOMPOSES | MARK | LOWER;

  private final int[] map = new int[1 << 16];

  CharacterMap(TokenizerOptions options, PieceTrie trie, int unkId) {
    for (int c = 0; c < map.length; c++) {
      boolean plain = CharacterTables.flags(c) == 0 && !Character.isSurrogate((char) c);
      map[c] = plain ? trie.code((char) c) : entry((char) c, options, trie, unkId);
    }
  }

  int[] map() {
    return map;
  }

  static int isolatedId(int entry) {
    return -2 - entry;
  }

  private static int entry(char c, TokenizerOptions options, PieceTrie trie, int unkId) {
    int flags = CharacterTables.flags(c);
    if ((flags & CharacterTables.SPACE) != 0) {
      return SPACE;
    }
    if (options.stripsAccents() && CharacterTables.isSyllable(c)) {
      return COMPLEX; // two or three letters
    }
    int normal = (flags & CHANGED) == 0 ? c : normalForm(c, options);
    boolean sorted = options.stripsAccents() && (flags & COMBINING) != 0;
    if (Character.isSurrogate(c) || (flags & REMOVED) != 0 || sorted || normal < 0) {
      return COMPLEX;
    }
    boolean isolated =
        (options.tokenizeChineseChars() && (flags & CHINESE) != 0)
            || (CharacterTables.flags(normal) & PUNCTUATION) != 0;
    if (!isolated) {
      return trie.code((char) normal);
    }
    int node = trie.child(PieceTrie.WORD_ROOT, trie.code((char) normal));
    int id = node == PieceTrie.NONE ? PieceTrie.NONE : trie.id(node);
    return -2 - (id == PieceTrie.NONE ? unkId : id);
  }

  /** Returns the one BMP character that is the normal form, or -1 if there is no such one. */
  private static int normalForm(char c, TokenizerOptions options) {
    int normal = c;
    if (options.stripsAccents() && (CharacterTables.flags(c) & DECOMPOSES) != 0) {
      normal = -1;
      for (int part : CharacterTables.decomposition(c)) {
        int flags = CharacterTables.flags(part);
        if ((flags & MARK) == 0) {
          if (normal >= 0 || (flags & COMBINING) != 0) {
            return -1;
          }
          normal = part;
        }
      }
    } else if (options.stripsAccents() && (CharacterTables.flags(c) & MARK) != 0) {
      return -1;
    }
    if (normal >= 0 && options.lowerCase() && (CharacterTables.flags(normal) & LOWER) != 0) {
      int[] lower = CharacterTables.lower(normal);
      normal = lower.length == 1 ? lower[0] : -1;
    }
    return Character.isBmpCodePoint(normal) ? normal : -1;
  }
}
