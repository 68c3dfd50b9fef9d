package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.WordPieceTokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentenceVectorsTest {
  private static final WordPieceTokenizer TOKENIZER =
      new WordPieceTokenizer(RandomModel.vocabulary(), TokenizerOptions.uncased());
  private static final float TOLERANCE = 1e-6f;

  private static ElectraEncoder encoder;

  @BeforeAll
  static void load(@TempDir Path folder) throws IOException {
    encoder = ElectraEncoder.load(RandomModel.electra(folder), RandomModel.REFERENCE);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  private static List<List<String>> windows(String text, int maxLength) {
    return SentenceWindows.split(TOKENIZER.vocabulary(), TOKENIZER.encode(text), maxLength).stream()
        .map(ids -> IntStream.of(ids).mapToObj(TOKENIZER.vocabulary()::token).toList())
        .toList();
  }

  @Test
  void windowsStartAtWords() {
    assertThat(windows("the chef ate xyz", 7))
        .containsExactly(
            List.of("[CLS]", "the", "chef", "ate", "[SEP]"),
            List.of("[CLS]", "x", "##y", "##z", "[SEP]"));
    assertThat(windows("the chef ate xyz", 8)).hasSize(1);
  }

  @Test
  void aWordThatFillsAWindowIsSplit() {
    assertThat(windows("abcde the", 4))
        .containsExactly(
            List.of("[CLS]", "a", "##b", "[SEP]"),
            List.of("[CLS]", "##c", "##d", "[SEP]"),
            List.of("[CLS]", "##e", "the", "[SEP]"));
  }

  @Test
  void aTextWithoutTokensIsOneWindow() {
    assertThat(windows(" ", 4)).containsExactly(List.of("[CLS]", "[SEP]"));
  }

  @Test
  void normalizedVectorsHaveNormOneAndTheSameDirection() {
    float[] plain = encoder.embed("the chef ate", EmbeddingOptions.defaults());
    float[] unit = encoder.embed("the chef ate", EmbeddingOptions.sentences());
    double norm = Math.sqrt(IntStream.range(0, plain.length).mapToDouble(j -> sq(plain[j])).sum());
    assertThat(norm).isNotCloseTo(1, within(0.1));
    for (int j = 0; j < plain.length; j++) {
      assertThat(unit[j]).isCloseTo((float) (plain[j] / norm), within(TOLERANCE));
    }
  }

  private static double sq(float value) {
    return (double) value * value;
  }

  @Test
  void longTextsAreTheWeightedMeanOfTheirWindows() {
    EmbeddingOptions averaged =
        EmbeddingOptions.defaults().withMaxLength(7).withLongTexts(LongTexts.AVERAGE_WINDOWS);
    float[][] actual =
        encoder.embed(List.of("meal", "the chef ate xyz the chef", "the meal"), averaged);
    float[] first = encoder.embed("the chef ate");
    float[] second = encoder.embed("xyz the chef");
    for (int j = 0; j < first.length; j++) {
      assertThat(actual[1][j])
          .isCloseTo((3 * first[j] + 5 * second[j]) / 8, within(10 * TOLERANCE));
    }
    assertThat(actual[0]).containsExactly(encoder.embed("meal"), within(TOLERANCE));
    assertThat(actual[2]).containsExactly(encoder.embed("the meal"), within(TOLERANCE));
  }

  @Test
  void longTextsAreCutToTheMaximumLength() {
    EmbeddingOptions cut = EmbeddingOptions.defaults().withMaxLength(5);
    assertThat(encoder.embed("the chef ate the meal", cut))
        .containsExactly(encoder.embed("the chef ate"), within(TOLERANCE));
    assertThat(cut.withPooling(Pooling.CLS).pooling()).isEqualTo(Pooling.CLS);
  }

  @Test
  void theMaximumLengthIsChecked() {
    assertThatThrownBy(() -> EmbeddingOptions.defaults().withMaxLength(2))
        .hasMessage("maxLength must be at least 3, for [CLS], a token and [SEP]; got 2.");
  }
}
