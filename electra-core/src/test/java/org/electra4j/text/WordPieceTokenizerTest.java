package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WordPieceTokenizerTest {
  private static WordPieceTokenizer uncased;

  @BeforeAll
  static void load() throws IOException {
    uncased =
        new WordPieceTokenizer(Vocabulary.load(HuggingFace.VOCABULARY), TokenizerOptions.uncased());
  }

  @Test
  void tokensAndPlaces() {
    Encoding encoding = uncased.encode("The chef's UNAFFABLE, naïve.");
    assertThat(encoding.tokens())
        .containsExactly("the", "chef", "'", "s", "una", "##ffa", "##ble", ",", "naive", ".");
    assertThat(encoding.ids())
        .containsExactly(1996, 10026, 1005, 1055, 14477, 20961, 3468, 1010, 15743, 1012);
    assertThat(encoding.starts()).containsExactly(0, 4, 8, 9, 11, 14, 17, 20, 22, 27);
    assertThat(encoding.ends()).containsExactly(3, 8, 9, 10, 14, 17, 20, 21, 27, 28);
    assertThat(encoding.size()).isEqualTo(10);
    assertThat(encoding).hasToString("[the, chef, ', s, una, ##ffa, ##ble, ,, naive, .]");
  }

  @Test
  void placesAreUtf16Indices() {
    String text = "\ud83d\udc4d good";
    Encoding encoding = uncased.encode(text);
    assertThat(encoding.tokens()).containsExactly("[UNK]", "good");
    assertThat(text.substring(encoding.starts()[0], encoding.ends()[0])).isEqualTo("\ud83d\udc4d");
    assertThat(text.substring(encoding.starts()[1], encoding.ends()[1])).isEqualTo("good");
  }

  @Test
  void specialTokensInUpperCaseOnly() {
    assertThat(uncased.encode("a[MASK]b [SEP]").tokens())
        .containsExactly("a", "[MASK]", "b", "[SEP]");
    assertThat(uncased.encode("[mask]").tokens()).containsExactly("[", "mask", "]");
  }

  @Test
  void wordsOverTheLimitAreUnknown() throws IOException {
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(
            uncased.vocabulary(), TokenizerOptions.uncased().withMaxInputCharsPerWord(4));
    assertThat(tokenizer.encode("good goods çöôd çöôds").tokens())
        .containsExactly("good", "[UNK]", "co", "##od", "[UNK]");
  }

  @Test
  void bufferAppendsAndIsReused() {
    TokenBuffer buffer = new TokenBuffer();
    assertThat(uncased.encode("the end", buffer)).isEqualTo(2);
    assertThat(uncased.encode("the ".repeat(1000), buffer)).isEqualTo(1000);
    assertThat(buffer.size()).isEqualTo(1002);
    assertThat(buffer.get(1001)).isEqualTo(1996);
    assertThat(buffer.array()).startsWith(1996, 2203, 1996);
    buffer.clear();
    assertThat(buffer.size()).isZero();
    assertThatThrownBy(() -> buffer.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** A buffer keeps working memory between calls; it must not keep another tokenizer's options. */
  @Test
  void bufferServesSeveralTokenizers() {
    WordPieceTokenizer cased =
        new WordPieceTokenizer(uncased.vocabulary(), TokenizerOptions.cased());
    TokenBuffer buffer = new TokenBuffer();
    String text = "HELLO\u200B hello\u200B";
    uncased.encode(text, buffer);
    cased.encode(text, buffer);
    assertThat(buffer.toArray()).containsExactly(7592, 7592, 100, 7592);
  }

  @Test
  void decode() {
    int[] ids = uncased.encode("[CLS] Unaffable, isn't it? [SEP]").ids();
    assertThat(uncased.decode(ids)).isEqualTo("unaffable, isn ' t it?");
    assertThat(uncased.decode(ids, false)).isEqualTo("[CLS] unaffable, isn ' t it? [SEP]");
    assertThatThrownBy(() -> uncased.decode(new int[] {30_522}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("30522");
  }

  @Test
  void longRunsOfMarksTakeLinearTime() {
    String marks = "\u0301\u0323".repeat(200_000);
    assertThat(uncased.encode("e" + marks).tokens()).containsExactly("e");
  }

  @Test
  void threadsShareOneTokenizer() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      texts.add(
          "Text number " + i + ": naïve \u1100\u1161 [MASK] e\u0301 " + "unaffable".repeat(i % 20));
    }
    List<String> expected = texts.stream().map(t -> uncased.encode(t).toString()).toList();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<String>>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        results.add(
            pool.submit(() -> texts.stream().map(t -> uncased.encode(t).toString()).toList()));
      }
      for (Future<List<String>> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void optionsFollowHuggingFace() {
    assertThat(TokenizerOptions.uncased().stripsAccents()).isTrue();
    assertThat(TokenizerOptions.cased().stripsAccents()).isFalse();
    assertThat(TokenizerOptions.uncased().withStripAccents(false).stripsAccents()).isFalse();
    assertThat(TokenizerOptions.uncased().withLowerCase(false)).isEqualTo(TokenizerOptions.cased());
    assertThat(TokenizerOptions.cased().withTokenizeChineseChars(false).tokenizeChineseChars())
        .isFalse();
    assertThatThrownBy(() -> TokenizerOptions.cased().withMaxInputCharsPerWord(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxInputCharsPerWord must be at least 1, got 0");
  }
}
