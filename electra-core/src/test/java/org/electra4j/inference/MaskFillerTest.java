package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskFillerTest {
  private static final Vocabulary VOCABULARY = RandomModel.vocabulary();

  @TempDir static Path folder;
  private static MaskFiller filler;

  @BeforeAll
  static void load() throws IOException {
    filler = MaskFiller.load(RandomModel.electra(folder), RandomModel.REFERENCE);
  }

  @AfterAll
  static void close() {
    filler.close();
  }

  @Test
  void predictsEachMaskMostProbableFirst() {
    List<List<Prediction>> masks = filler.fill("the [MASK] ate [MASK].", VOCABULARY.size());
    assertThat(masks).hasSize(2);
    for (List<Prediction> predictions : masks) {
      assertThat(predictions).hasSize(VOCABULARY.size());
      assertThat(predictions)
          .isSortedAccordingTo(Comparator.comparing(Prediction::probability).reversed());
      assertThat(predictions.stream().map(Prediction::id).distinct()).hasSize(VOCABULARY.size());
      assertThat(predictions.stream().mapToDouble(Prediction::probability).sum())
          .isCloseTo(1, within(1e-5));
      assertThat(predictions)
          .allMatch(prediction -> VOCABULARY.token(prediction.id()).equals(prediction.token()));
    }
    assertThat(masks.get(0)).isNotEqualTo(masks.get(1));
    List<List<Prediction>> three = filler.fill("the [MASK] ate [MASK].", 3);
    assertThat(three)
        .isEqualTo(masks.stream().map(predictions -> predictions.subList(0, 3)).toList());
  }

  @Test
  void manyMasksOfManyTextsKeepTheirOrder() {
    List<String> texts =
        List.of(
            "[MASK] ".repeat(35),
            "the [MASK]",
            "[MASK] ".repeat(33) + "chef",
            "chef " + "[MASK] ".repeat(31),
            "[MASK] ate");
    List<List<List<Prediction>>> single = texts.stream().map(t -> filler.fill(t, 5)).toList();
    assertThat(single).extracting(List::size).containsExactly(35, 1, 33, 31, 1);
    assertThat(filler.fill(texts, 5)).isEqualTo(single);
    assertThat(filler.fill(List.of(), 5)).isEmpty();
  }

  @Test
  void moreMasksThanAreProjectedAtOnce() throws IOException {
    List<String> texts = List.of("[MASK] ".repeat(35), "[MASK] ".repeat(34), "[MASK] ".repeat(33));
    InferenceOptions options = RandomModel.REFERENCE.withMaxBatchTokens(200);
    try (MaskFiller large = MaskFiller.load(folder, options)) {
      assertThat(large.fill(texts, 5))
          .isEqualTo(texts.stream().map(text -> filler.fill(text, 5)).toList());
    }
  }

  @Test
  void idsGiveWhatTheirTextGives() {
    int[] ids = {VOCABULARY.clsId(), VOCABULARY.id("the"), VOCABULARY.maskId(), VOCABULARY.sepId()};
    assertThat(filler.fillIds(ids, 4)).isEqualTo(filler.fill("the [MASK]", 4));
  }

  @Test
  void takesAMaskedLanguageModelWithoutGenerator(@TempDir Path other) throws IOException {
    RandomModel.maskedLanguageModel(other);
    try (MaskFiller model = MaskFiller.load(other, RandomModel.REFERENCE)) {
      assertThat(model.fill("the [MASK]", 2).get(0))
          .hasSize(2)
          .isNotEqualTo(filler.fill("the [MASK]", 2).get(0));
    }
  }

  @Test
  void takesTheTokenizerBesideAGeneratorThatHasNone(@TempDir Path other) throws IOException {
    RandomModel.electra(other);
    Path generator = other.resolve("generator");
    Files.delete(generator.resolve(TokenizerFiles.VOCABULARY_FILE));
    Files.delete(generator.resolve(TokenizerFiles.TOKENIZER_FILE));
    try (MaskFiller model = MaskFiller.load(other, RandomModel.REFERENCE)) {
      assertThat(model.fill("the [MASK]", 3)).isEqualTo(filler.fill("the [MASK]", 3));
    }
  }

  @Test
  void wrongTextsAreExplained() {
    assertThatThrownBy(() -> filler.fill("the chef", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no [MASK]");
    assertThatThrownBy(() -> filler.fill("chef ".repeat(40) + "[MASK]", 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("37 positions");
    for (int topK : new int[] {0, VOCABULARY.size() + 1}) {
      assertThatThrownBy(() -> filler.fill("the [MASK]", topK))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("topK must be between 1 and the vocabulary size 65, got " + topK);
    }
  }
}
