package org.electra4j.text;

import static org.electra4j.text.PieceTrie.CONTINUATION_ROOT;
import static org.electra4j.text.PieceTrie.NONE;
import static org.electra4j.text.PieceTrie.WORD_ROOT;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The WordPiece encoder of BERT and ELECTRA: text → token ids, equal to Hugging Face's
 * BertTokenizerFast for the same vocabulary and options. Immutable and thread-safe.
 *
 * <p>Text is normalised, split at white space and punctuation, and each word is cut greedily into
 * the longest tokens; a word that cannot be cut, or is longer than {@link
 * TokenizerOptions#maxInputCharsPerWord}, becomes [UNK]. No special tokens are added; the names of
 * the special tokens, [MASK] for instance, are recognised where the text has them, in upper case.
 *
 * <p>Words of plain characters go straight from the text through one table and one trie; what needs
 * more (decomposition, combining and removed characters, surrogates) goes through {@link
 * NormalizedText}.
 */
public final class WordPieceTokenizer {
  private static final List<String> CLEAN_UP =
      List.of(
          " .", ".", " ?", "?", " !", "!", " ,", ",", " ' ", "'", " n't", "n't", " 'm", "'m",
          " do not", " don't", " 's", "'s", " 've", "'ve", " 're", "'re");

  private final Vocabulary vocabulary;
  private final TokenizerOptions options;
  private final PieceTrie trie;
  private final CharacterMap characters;
  private final int maxChars;
  private final int unkId;
  private final char[][] specialNames;
  private final int[] specialIds;

  /** Creates the encoder of a vocabulary. */
  public WordPieceTokenizer(Vocabulary vocabulary, TokenizerOptions options) {
    this.vocabulary = Objects.requireNonNull(vocabulary, "vocabulary");
    this.options = Objects.requireNonNull(options, "options");
    this.trie = new PieceTrie(vocabulary);
    this.characters = new CharacterMap(options, trie, vocabulary.unkId());
    this.maxChars = options.maxInputCharsPerWord();
    this.unkId = vocabulary.unkId();
    List<String> special = Vocabulary.SPECIAL_TOKENS;
    this.specialNames = special.stream().map(String::toCharArray).toArray(char[][]::new);
    this.specialIds = special.stream().mapToInt(vocabulary::id).toArray();
  }

  /** Returns the vocabulary. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Returns the options. */
  public TokenizerOptions options() {
    return options;
  }

  /** Returns the tokens of a text and their places in it; no special tokens are added. */
  public Encoding encode(CharSequence text) {
    TokenBuffer buffer = new TokenBuffer(true);
    encode(text, buffer);
    return buffer.toEncoding(vocabulary);
  }

  /**
   * Appends the token ids of a text to a buffer and returns how many; no special tokens are added.
   * Allocates nothing once the buffer has grown and the text is plain.
   */
  public int encode(CharSequence text, TokenBuffer out) {
    int before = out.size();
    int length = text.length();
    if (out.text.length <= length) {
      out.text = new char[Math.max(length + 1, 2 * out.text.length)];
    }
    char[] chars = out.text;
    if (text instanceof String string) {
      string.getChars(0, length, chars, 0);
    } else {
      for (int i = 0; i < length; i++) {
        chars[i] = text.charAt(i);
      }
    }
    chars[length] = ' ';
    encode(chars, length, out);
    return out.size() - before;
  }

  /** Encodes {@code text[0, length)}; {@code text[length]} is a blank. */
  private void encode(char[] text, int length, TokenBuffer out) {
    int[] map = characters.map();
    for (int i = 0; i < length; ) {
      int mapped = map[text[i]];
      if (mapped > 0) {
        i = encodeWord(text, i, length, out);
      } else if (mapped == CharacterMap.SPACE) {
        i++;
      } else if (mapped == CharacterMap.COMPLEX) {
        i = encodeNormalized(text, i, length, out);
      } else {
        int special = text[i] == '[' ? specialToken(text, i, length) : NONE;
        int end = special == NONE ? i + 1 : i + vocabulary.token(special).length();
        out.add(special == NONE ? CharacterMap.isolatedId(mapped) : special, i, end);
        i = end;
      }
    }
  }

  /** Encodes the word of plain characters that starts at an index and returns where it ends. */
  private int encodeWord(char[] text, int start, int length, TokenBuffer out) {
    int[] map = characters.map();
    int node = WORD_ROOT;
    int end = start;
    int code = map[text[start]];
    do {
      node = trie.child(node, code);
      code = map[text[++end]];
    } while (code > 0 && node != NONE);
    while (code > 0) {
      code = map[text[++end]];
    }
    if (code == CharacterMap.COMPLEX) {
      return encodeNormalized(text, start, length, out);
    }
    if (end - start > maxChars) {
      out.add(unkId, start, end);
    } else if (node != NONE && trie.id(node) != NONE) {
      out.add(trie.id(node), start, end);
    } else {
      encodePieces(text, start, end, out);
    }
    return end;
  }

  private void encodePieces(char[] text, int start, int end, TokenBuffer out) {
    int[] map = characters.map();
    int before = out.size();
    int root = WORD_ROOT;
    for (int from = start; from < end; root = CONTINUATION_ROOT) {
      int longestId = NONE;
      int longestEnd = from;
      int node = root;
      for (int i = from; i < end; ) {
        node = trie.child(node, map[text[i++]]);
        if (node == NONE) {
          break;
        }
        if (trie.id(node) != NONE) {
          longestId = trie.id(node);
          longestEnd = i;
        }
      }
      if (longestId == NONE) {
        out.truncate(before);
        out.add(unkId, start, end);
        return;
      }
      out.add(longestId, from, longestEnd);
      from = longestEnd;
    }
  }

  /** Encodes from an index up to the next white space or special token and returns that place. */
  private int encodeNormalized(char[] text, int start, int length, TokenBuffer out) {
    int end = start;
    while (end < length
        && characters.map()[text[end]] != CharacterMap.SPACE
        && (text[end] != '[' || specialToken(text, end, length) == NONE)) {
      end++;
    }
    if (out.normalized == null || !out.normalized.options().equals(options)) {
      out.normalized = new NormalizedText(options);
    }
    NormalizedText normalized = out.normalized;
    normalized.normalize(text, start, end);
    for (int from = 0; from < normalized.size(); ) {
      int to = normalized.wordEnd(from);
      if (!normalized.isSpace(from)) {
        encodeNormalizedWord(normalized, from, to, out);
      }
      from = to;
    }
    return end;
  }

  private void encodeNormalizedWord(NormalizedText word, int start, int end, TokenBuffer out) {
    int before = out.size();
    int root = WORD_ROOT;
    boolean known = end - start <= maxChars;
    for (int from = start; known && from < end; root = CONTINUATION_ROOT) {
      int longestId = NONE;
      int longestEnd = from;
      int node = root;
      for (int i = from; i < end && node != NONE; i++) {
        node = childByCodePoint(node, word.codePoint(i));
        if (node != NONE && trie.id(node) != NONE) {
          longestId = trie.id(node);
          longestEnd = i + 1;
        }
      }
      known = longestId != NONE;
      if (known) {
        out.add(longestId, word.start(from), word.end(longestEnd - 1));
        from = longestEnd;
      }
    }
    if (!known) {
      out.truncate(before);
      out.add(unkId, word.start(start), word.end(end - 1));
    }
  }

  private int childByCodePoint(int node, int codePoint) {
    if (Character.isBmpCodePoint(codePoint)) {
      return trie.child(node, trie.code((char) codePoint));
    }
    int high = trie.child(node, trie.code(Character.highSurrogate(codePoint)));
    return high == NONE ? NONE : trie.child(high, trie.code(Character.lowSurrogate(codePoint)));
  }

  /** Returns the id of the special token whose name starts at an index, or NONE. */
  private int specialToken(char[] text, int start, int length) {
    for (int k = 0; k < specialNames.length; k++) {
      char[] name = specialNames[k];
      int end = start + name.length;
      if (end <= length && Arrays.equals(text, start, end, name, 0, name.length)) {
        return specialIds[k];
      }
    }
    return NONE;
  }

  /**
   * Returns the text of token ids without special tokens: pieces joined, blanks between words, none
   * before punctuation (Hugging Face's WordPiece decoder with clean-up).
   *
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  /** Returns the text of token ids, with or without special tokens; as {@link #decode(int[])}. */
  public String decode(int[] ids, boolean skipSpecialTokens) {
    StringBuilder text = new StringBuilder();
    boolean first = true;
    for (int id : ids) {
      String token = vocabulary.token(id);
      if (skipSpecialTokens && vocabulary.isSpecial(id)) {
        continue;
      }
      text.append(
          cleanUp(first ? token : token.startsWith("##") ? token.substring(2) : " " + token));
      first = false;
    }
    return text.toString();
  }

  private static String cleanUp(String token) {
    String clean = token;
    for (int i = 0; i < CLEAN_UP.size(); i += 2) {
      clean = clean.replace(CLEAN_UP.get(i), CLEAN_UP.get(i + 1));
    }
    return clean;
  }
}
