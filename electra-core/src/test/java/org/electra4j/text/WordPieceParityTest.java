package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ids, tokens and offsets equal Hugging Face's on hard text, for every combination of options. */
class WordPieceParityTest {
  private static final int PAGE = 1 << 9;
  private static final int LAST_CHARACTER = 0x2FFFF;

  private static Vocabulary uncasedVocabulary;

  @BeforeAll
  static void load() throws IOException {
    uncasedVocabulary = Vocabulary.load(HuggingFace.VOCABULARY);
  }

  static Stream<TokenizerOptions> options() {
    TokenizerOptions uncased = TokenizerOptions.uncased();
    TokenizerOptions cased = TokenizerOptions.cased();
    return Stream.of(
        uncased,
        uncased.withStripAccents(false),
        uncased.withTokenizeChineseChars(false),
        uncased.withMaxInputCharsPerWord(5),
        cased,
        cased.withStripAccents(true),
        cased.withTokenizeChineseChars(false));
  }

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "Hello, world! It's 3.14 o'clock -- isn't it?",
          "naïve café, CAFÉ, Å Å Ω ﬁ ﬀ ǆ Ǆ",
          "e\u0301a\u0323\u0307b \u0307\u0323 a\u0301\u0301\u0301",
          "İstanbul ISTANBUL ıi STRASSE Straße ẞ ΟΔΟΣ ΟΔΟΣ. Σ",
          "中文字符和English混合，標點。㐀𠀀𪜀𫝀𫠠\uF900\uD87E\uDC00",
          "한국어 텍스트 각 ᄀ",
          "ภาษาไทยไม่มีวรรค नमस्ते বাংলা العَرَبِيَّة עִבְרִית",
          "👨‍👩‍👧‍👦 👍🏽 🇩🇪 ☺️ a👍b",
          "a\u0000b\uFFFDc\u0007d\u200Be\u00ADf\u200Dg\uFEFFh\u2060",
          "a\u00A0b\u1680c\u2000d\u2001e\u2009f\u2028g\u2029h\u202Fi\u205Fj\u3000k\u0085l\u000Bm\u000Cn",
          "tab\there\nnewline\r\nreturn\rend",
          "x".repeat(99) + " " + "x".repeat(100) + " " + "x".repeat(101) + " " + "é".repeat(101),
          "[MASK] [mask] a[MASK]b [CLS][SEP][PAD][UNK] [[MASK]] [MASK [MASK]\u0301 e[SEP]\u0301",
          "“quoted” ‘single’ — dash… § ¶ « » ¿ ¡ $ + < = > ^ ` | ~",
          "antidisestablishmentarianism unaffable qqqqzzzz un##known ##ing # ##",
          "𝒳 𝔸 ① ⅷ ª º ² ™ 𝐇𝐞𝐥𝐥𝐨",
          "\u1100\u302e\uD834\uDD65 a\uD834\uDD6D\uD834\uDD65b \u302e\u1bf2x");

  @ParameterizedTest
  @MethodSource("options")
  void hardTexts(TokenizerOptions options) throws IOException {
    Vocabulary vocabulary = HuggingFace.vocabularyFor(TEXTS);
    WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary, options);
    try (HuggingFace huggingFace = new HuggingFace(vocabulary, options)) {
      for (String text : TEXTS) {
        assertThat(HuggingFace.ours(tokenizer.encode(text)))
            .as("%s with %s", text, options)
            .isEqualTo(huggingFace.encode(text));
      }
    }
  }

  /** Alone and inside a word; every character is a token, so that every change shows. */
  @Test
  void everyCodePointUncased() throws IOException {
    assertPagesEqual(TokenizerOptions.uncased(), Character.MAX_CODE_POINT);
  }

  static Stream<TokenizerOptions> otherNormalizations() {
    return Stream.of(
        TokenizerOptions.uncased().withStripAccents(false),
        TokenizerOptions.cased(),
        TokenizerOptions.cased().withStripAccents(true));
  }

  @ParameterizedTest
  @MethodSource("otherNormalizations")
  void everyAssignedCodePoint(TokenizerOptions options) throws IOException {
    assertPagesEqual(options, 0x1FFFF);
  }

  private void assertPagesEqual(TokenizerOptions options, int lastCodePoint) throws IOException {
    Vocabulary vocabulary = withEveryCharacter(Math.min(lastCodePoint, LAST_CHARACTER));
    WordPieceTokenizer tokenizer = new WordPieceTokenizer(vocabulary, options);
    try (HuggingFace huggingFace = new HuggingFace(vocabulary, options)) {
      for (int page = 0; page <= lastCodePoint; page += PAGE) {
        String text = page(page);
        assertThat(HuggingFace.ours(tokenizer.encode(text)))
            .as("code points from U+%X with %s", page, options)
            .isEqualTo(huggingFace.encode(text));
      }
    }
  }

  private static String page(int first) {
    StringBuilder text = new StringBuilder();
    for (int c = first; c < first + PAGE; c++) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        String one = Character.toString(c);
        text.append(" a").append(one).append('b');
        // Beyond the ideographs nothing but tags is assigned: the place inside a word shows it all.
        if (c <= LAST_CHARACTER) {
          text.append(' ').append(one);
        }
      }
    }
    return text.toString();
  }

  private static Vocabulary withEveryCharacter(int last) {
    Set<String> tokens = new LinkedHashSet<>(uncasedVocabulary.tokens());
    IntStream.rangeClosed('!', last)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .mapToObj(Character::toString)
        .forEach(c -> tokens.addAll(List.of(c, "##" + c)));
    return Vocabulary.of(new ArrayList<>(tokens));
  }
}
