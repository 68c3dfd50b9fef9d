package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pairs, words and windows as sequences. */
class ModelInputTest {
  private static final Vocabulary VOCABULARY =
      Vocabulary.of(
          List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##b", "c", "d", "e"));
  private static final WordPieceTokenizer TOKENIZER =
      new WordPieceTokenizer(VOCABULARY, TokenizerOptions.uncased());
  private static final int CLS = 2;
  private static final int SEP = 3;

  @Test
  void singleText() {
    TextPair text = TextPair.of(TOKENIZER, "a bb c", null, 10);
    assertThat(text.ids()).containsExactly(CLS, 5, 6, 7, 8, SEP);
    assertThat(text.types()).containsOnly(0);
    assertThat(text.truncated()).isFalse();
    assertThat(TextPair.of(TOKENIZER, "a bb c", null, 4).ids()).containsExactly(CLS, 5, 6, SEP);
  }

  @Test
  void pair() {
    TextPair pair = TextPair.of(TOKENIZER, "a c", "d", 10);
    assertThat(pair.ids()).containsExactly(CLS, 5, 8, SEP, 9, SEP);
    assertThat(pair.types()).containsExactly(0, 0, 0, 0, 1, 1);
  }

  /** The longer text loses its last token, the second where both are as long, until they fit. */
  @ParameterizedTest
  @CsvSource({"3,4,8", "4,3,8", "9,9,12", "9,9,11", "1,9,8", "9,1,8", "2,9,7", "0,9,6", "6,5,14"})
  void longPairsAreCutAsInTheReference(int first, int second, int maxLength) {
    int a = first;
    int b = second;
    while (a + b > maxLength - 3) {
      if (a > b) {
        a--;
      } else {
        b--;
      }
    }
    TextPair pair = TextPair.of(TOKENIZER, "a ".repeat(first), "c ".repeat(second), maxLength);
    assertThat(Arrays.stream(pair.ids()).filter(id -> id == 5).count()).isEqualTo(a);
    assertThat(Arrays.stream(pair.ids()).filter(id -> id == 8).count()).isEqualTo(b);
    assertThat(pair.truncated()).isEqualTo(a < first || b < second);
  }

  @Test
  void wordsAreAnsweredForAtTheirFirstPiece() {
    List<WordSequence> sequences =
        WordSequence.of(TOKENIZER, List.of("a", "bb", "\u200b", "xyz", "c"), 20);
    assertThat(sequences).hasSize(1);
    assertThat(sequences.get(0).ids()).containsExactly(CLS, 5, 6, 7, 1, 1, 8, SEP);
    assertThat(sequences.get(0).rows()).containsExactly(1, 2, 4, 5, 6);
  }

  @Test
  void longSentencesLoseNoWord() {
    Random random = new Random(1);
    for (int round = 0; round < 50; round++) {
      List<String> words = new ArrayList<>();
      for (int i = random.nextInt(30); i >= 0; i--) {
        words.add("b".repeat(1 + random.nextInt(6)));
      }
      int next = 0;
      for (WordSequence sequence : WordSequence.of(TOKENIZER, words, 6)) {
        assertThat(sequence.ids().length).isLessThanOrEqualTo(6);
        assertThat(sequence.firstWord()).isEqualTo(next);
        for (int row : sequence.rows()) {
          assertThat(sequence.ids()[row]).isEqualTo(6);
          next++;
        }
      }
      assertThat(next).isEqualTo(words.size());
    }
  }

  @Test
  void windowsCoverTheContextAndEveryTokenHasOneBest() {
    String context = "a b c d e ".repeat(5).strip();
    List<ContextWindow> windows = ContextWindow.of(TOKENIZER, "a b", context, 15, 4, 64);
    assertThat(windows).hasSize(5); // of 10 tokens, begun at 0, 4, 8, 12 and 16: the last has 9
    int[] best = new int[25];
    for (int w = 0; w < windows.size(); w++) {
      ContextWindow window = windows.get(w);
      assertThat(window.ids().length).isLessThanOrEqualTo(15);
      assertThat(window.contextBegin()).isEqualTo(4);
      for (int i = 0; i < window.contextTokens(); i++) {
        String text = context.substring(window.starts()[i], window.ends()[i]);
        assertThat(VOCABULARY.token(window.ids()[window.contextBegin() + i])).isEqualTo(text);
        best[window.starts()[i] / 2] += window.best()[i] ? 1 : 0;
      }
    }
    assertThat(best).containsOnly(1);
    // Token 8 has 1 to its right in window 0, 4 to its left in window 1 and none in window 2.
    assertThat(windows.get(1).best()[4]).isTrue();
  }

  @Test
  void answersAreFoundInTheWindowsThatHoldThemWhole() {
    List<ContextWindow> windows = ContextWindow.of(TOKENIZER, "a", "a bb c d e a", 8, 2, 64);
    ContextWindow first = windows.get(0); // a b ##b c
    assertThat(first.locate(2, 4)).containsExactly(4, 5);
    assertThat(first.locate(3, 6)).containsExactly(5, 6);
    assertThat(first.locate(5, 8)).as("d is beyond the window").isNull();
    assertThat(windows.get(1).locate(2, 4)).as("the word begins before the window").isNull();
    assertThat(windows.get(1).locate(5, 8)).containsExactly(4, 5);
  }

  @Test
  void emptyContextHasOneWindow() {
    List<ContextWindow> windows = ContextWindow.of(TOKENIZER, "a", "", 8, 2, 64);
    assertThat(windows).hasSize(1);
    assertThat(windows.get(0).ids()).containsExactly(CLS, 5, SEP, SEP);
  }

  @Test
  void questionWithoutRoomIsRefused() {
    assertThatThrownBy(() -> ContextWindow.of(TOKENIZER, "a b c d e", "a", 8, 2, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A question of 5 tokens leaves no room for a context in 8 tokens; allow longer"
                + " sequences or shorter questions.");
    assertThat(ContextWindow.of(TOKENIZER, "a b c d e", "a", 8, 2, 4)).hasSize(1);
  }

  @Test
  void strideOfNothingIsRefused() {
    assertThatThrownBy(() -> ContextWindow.of(TOKENIZER, "a", "a b c d e a b c", 8, 0, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stride is 0; it must be at least 1.");
  }
}
