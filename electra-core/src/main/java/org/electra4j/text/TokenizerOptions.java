package org.electra4j.text;

/**
 * How text is normalised before WordPiece; the fields are those of a Hugging Face {@code
 * tokenizer_config.json}.
 *
 * @param lowerCase whether letters are lower-cased ({@code do_lower_case})
 * @param stripAccents whether non-spacing marks are dropped after canonical decomposition ({@code
 *     strip_accents}); null follows {@code lowerCase}
 * @param tokenizeChineseChars whether each CJK ideograph is a word of its own ({@code
 *     tokenize_chinese_chars})
 * @param maxInputCharsPerWord a longer word, in code points after normalisation, becomes [UNK]; 100
 *     in Hugging Face tokenizers, 200 in google-research/electra
 */
public record TokenizerOptions(
    boolean lowerCase,
    Boolean stripAccents,
    boolean tokenizeChineseChars,
    int maxInputCharsPerWord) {

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if {@code maxInputCharsPerWord} is below 1
   */
  public TokenizerOptions {
    if (maxInputCharsPerWord < 1) {
      throw new IllegalArgumentException(
          "maxInputCharsPerWord must be at least 1, got " + maxInputCharsPerWord);
    }
  }

  /** Returns the options of the uncased BERT and ELECTRA models: lower case, accents stripped. */
  public static TokenizerOptions uncased() {
    return new TokenizerOptions(true, null, true, 100);
  }

  /** Returns the options of the cased BERT models: case and accents kept. */
  public static TokenizerOptions cased() {
    return new TokenizerOptions(false, null, true, 100);
  }

  /** Returns whether accents are stripped once the null of {@link #stripAccents} is resolved. */
  public boolean stripsAccents() {
    return stripAccents == null ? lowerCase : stripAccents;
  }

  /** Returns a copy with another {@link #lowerCase}. */
  public TokenizerOptions withLowerCase(boolean value) {
    return new TokenizerOptions(value, stripAccents, tokenizeChineseChars, maxInputCharsPerWord);
  }

  /** Returns a copy with another {@link #stripAccents}; null follows {@link #lowerCase}. */
  public TokenizerOptions withStripAccents(Boolean value) {
    return new TokenizerOptions(lowerCase, value, tokenizeChineseChars, maxInputCharsPerWord);
  }

  /** Returns a copy with another {@link #tokenizeChineseChars}. */
  public TokenizerOptions withTokenizeChineseChars(boolean value) {
    return new TokenizerOptions(lowerCase, stripAccents, value, maxInputCharsPerWord);
  }

  /** Returns a copy with another {@link #maxInputCharsPerWord}. */
  public TokenizerOptions withMaxInputCharsPerWord(int value) {
    return new TokenizerOptions(lowerCase, stripAccents, tokenizeChineseChars, value);
  }
}
