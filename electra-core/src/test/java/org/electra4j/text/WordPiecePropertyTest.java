package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Random strings of hard characters give Hugging Face's ids, tokens and offsets. */
class WordPiecePropertyTest {
  /**
   * Letters, cases, ligatures, marks, scripts, punctuation, white space, controls, surrogate pairs.
   */
  private static final List<String> ALPHABET =
      List.of(
          "a",
          "b",
          "e",
          "s",
          "i",
          "I",
          "Z",
          "the",
          "ing",
          "\u00e9",
          "\u00c5",
          "\u00df",
          "\u1e9e",
          "\u0130",
          "\u0131",
          "\u03a3",
          "\u03c2",
          "\ufb01",
          "\u01c5",
          "\u212b",
          "\u2126",
          "\u00f8",
          "\u0301",
          "\u0323",
          "\u0307",
          "\u0345",
          "\u302e",
          "\u1bf2",
          "\u0e38",
          "\u0f71",
          "\u0f73",
          "\ud834\udd65",
          "\ud834\udd6d",
          "\ud834\udd5e",
          "\u05b0",
          "\u0651",
          "\u0940",
          "\u0cc0",
          "\u4e2d",
          "\u56fd",
          "\u3400",
          "\uf900",
          "\ud840\udc00",
          "\ud87e\udc00",
          "\ud55c",
          "\u1112",
          "\u0e44",
          "\u0928",
          "\ud83d\udc68",
          "\u200d",
          "\ufe0f",
          "\ud83c\udffd",
          "\ud83c\udde9",
          " ",
          " ",
          " ",
          "\t",
          "\n",
          "\r",
          "\u00a0",
          "\u2028",
          "\u3000",
          "\u1680",
          "\u0085",
          "\u000b",
          "\u0000",
          "\u0001",
          "\u007f",
          "\u00ad",
          "\u200b",
          "\ufeff",
          "\ufffd",
          "\ue000",
          "\u0378",
          ".",
          "'",
          "-",
          "#",
          "##",
          "[",
          "]",
          "\u2019",
          "\u3002",
          "\u037e",
          "\u1fef",
          "\u00b7",
          "\ud800\udd00",
          "[MASK]",
          "[CLS]",
          "[SEP]",
          "[PAD]",
          "[UNK]",
          "[mask]",
          "[MASK",
          "1",
          "\u2160");

  private static final List<TokenizerOptions> OPTIONS =
      List.of(
          TokenizerOptions.uncased(),
          TokenizerOptions.uncased().withStripAccents(false).withMaxInputCharsPerWord(6),
          TokenizerOptions.cased(),
          TokenizerOptions.cased().withStripAccents(true).withTokenizeChineseChars(false));

  private static List<WordPieceTokenizer> ours;
  private static List<HuggingFace> theirs;

  @BeforeContainer
  static void open() throws IOException {
    Vocabulary vocabulary = HuggingFace.vocabularyFor(ALPHABET);
    ours = OPTIONS.stream().map(o -> new WordPieceTokenizer(vocabulary, o)).toList();
    theirs = new ArrayList<>();
    for (TokenizerOptions options : OPTIONS) {
      theirs.add(new HuggingFace(vocabulary, options));
    }
  }

  @AfterContainer
  static void close() {
    theirs.forEach(HuggingFace::close);
  }

  @Provide
  Arbitrary<String> hardText() {
    return Arbitraries.of(ALPHABET).list().ofMaxSize(24).map(parts -> String.join("", parts));
  }

  @Property(tries = 3000)
  void hardTextEncodesLikeHuggingFace(@ForAll("hardText") String text) {
    assertEqual(text);
  }

  /** Any characters, assigned or not, in words with letters. */
  @Provide
  Arbitrary<String> anyText() {
    Arbitrary<String> anyCharacter =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
            .map(Character::toString);
    return Arbitraries.frequencyOf(Tuple.of(1, anyCharacter), Tuple.of(2, Arbitraries.of(ALPHABET)))
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }

  @Property(tries = 2000)
  void anyTextEncodesLikeHuggingFace(@ForAll("anyText") String text) {
    assertEqual(text);
  }

  /** Lone surrogates have no UTF-8 form to hand to Hugging Face; they count as U+FFFD. */
  @Provide
  Arbitrary<String> loneSurrogates() {
    Arbitrary<String> surrogate =
        Arbitraries.chars().range('\ud800', '\udfff').map(String::valueOf);
    return Arbitraries.oneOf(surrogate, Arbitraries.of("a", "e", "\u0301", " ", ".", "\u4e2d"))
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }

  @Property(tries = 500)
  void loneSurrogatesCountAsReplacementCharacters(@ForAll("loneSurrogates") String text) {
    StringBuilder replaced = new StringBuilder();
    text.codePoints()
        .map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c)
        .forEach(replaced::appendCodePoint);
    for (WordPieceTokenizer tokenizer : ours) {
      assertThat(HuggingFace.ours(tokenizer.encode(text)))
          .isEqualTo(HuggingFace.ours(tokenizer.encode(replaced)));
    }
  }

  @Property(tries = 500)
  void decodesLikeHuggingFace(@ForAll("hardText") String text, @ForAll boolean skipSpecialTokens) {
    int[] ids = ours.get(0).encode("Isn't it, [MASK]? " + text).ids();
    assertThat(ours.get(0).decode(ids, skipSpecialTokens))
        .isEqualTo(theirs.get(0).decode(ids, skipSpecialTokens));
  }

  private static void assertEqual(String text) {
    for (int i = 0; i < OPTIONS.size(); i++) {
      Encoding encoding = ours.get(i).encode(text);
      assertThat(HuggingFace.ours(encoding))
          .as("%s", OPTIONS.get(i))
          .isEqualTo(theirs.get(i).encode(text));
      TokenBuffer buffer = new TokenBuffer();
      buffer.add(7);
      assertThat(ours.get(i).encode(new StringBuilder(text), buffer)).isEqualTo(encoding.size());
      assertThat(buffer.toArray())
          .startsWith(7)
          .endsWith(encoding.ids())
          .hasSize(encoding.size() + 1);
    }
  }
}
