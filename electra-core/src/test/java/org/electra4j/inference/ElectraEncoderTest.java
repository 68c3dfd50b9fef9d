package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.electra4j.io.Safetensors;
import org.electra4j.io.SafetensorsWriter;
import org.electra4j.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElectraEncoderTest {
  private static final Vocabulary VOCABULARY = RandomModel.vocabulary();

  @TempDir static Path folder;
  private static Path directory;
  private static ElectraEncoder encoder;

  @BeforeAll
  static void load() throws IOException {
    directory = RandomModel.electra(folder.resolve("model"));
    encoder = ElectraEncoder.load(directory, RandomModel.REFERENCE);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void encodesTextBetweenClsAndSep() {
    HiddenStates states = encoder.encode("The chef ate.");
    assertThat(states.tokens()).containsExactly("[CLS]", "the", "chef", "ate", ".", "[SEP]");
    assertThat(states.ids())
        .containsExactly(states.tokens().stream().mapToInt(VOCABULARY::id).toArray());
    assertThat(states.truncated()).isFalse();
    assertThat(states.rows()).hasDimensions(6, encoder.hiddenSize());
    assertThat(states.rows()).isDeepEqualTo(encoder.hiddenStates(states.ids()));
  }

  @Test
  void poolsTheHiddenStates() {
    float[][] rows = encoder.encode("the meal, cooked").rows();
    assertThat(encoder.embed("the meal, cooked", Pooling.CLS)).containsExactly(rows[0]);
    float[] mean = encoder.embed("the meal, cooked", Pooling.MEAN);
    for (int j = 0; j < mean.length; j++) {
      int column = j;
      double expected = Arrays.stream(rows).mapToDouble(row -> row[column]).average().orElseThrow();
      assertThat((double) mean[j]).isCloseTo(expected, within(1e-6));
    }
    assertThat(encoder.embed("the meal, cooked")).containsExactly(mean);
  }

  @Test
  void listsGiveWhatSingleTextsGiveInTheirOrder() {
    List<String> texts = RandomModel.texts(40);
    float[][] together = encoder.embed(texts);
    assertThat(together).hasNumberOfRows(40);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(together[i]).as("text %d", i).containsExactly(encoder.embed(texts.get(i)));
    }
    assertThat(new HashSet<>(Arrays.stream(together).map(Arrays::toString).toList()))
        .hasSameSizeAs(new HashSet<>(texts.stream().map(t -> encoder.encode(t).tokens()).toList()));
  }

  @Test
  void emptyListsAndEmptyTexts() {
    assertThat(encoder.embed(List.of())).isEmpty();
    HiddenStates states = encoder.encode("");
    assertThat(states.tokens()).containsExactly("[CLS]", "[SEP]");
    assertThat(states.rows()).hasDimensions(2, encoder.hiddenSize());
  }

  @Test
  void longTextsAreCutBeforeSep() {
    HiddenStates states = encoder.encode("chef ".repeat(100));
    assertThat(states.truncated()).isTrue();
    assertThat(states.tokens()).hasSize(37).startsWith("[CLS]", "chef").endsWith("chef", "[SEP]");
    HiddenStates full = encoder.encode("chef ".repeat(35));
    assertThat(full.truncated()).isFalse();
    assertThat(full.rows()).isDeepEqualTo(states.rows());
  }

  @Test
  void arenasAreLargeEnoughForEveryBatch() throws IOException {
    Random random = new Random(1);
    for (int maxBatchTokens : new int[] {1, 37, 38, 200}) {
      InferenceOptions options = RandomModel.REFERENCE.withMaxBatchTokens(maxBatchTokens);
      try (ElectraEncoder small = ElectraEncoder.load(directory, options)) {
        for (int round = 0; round < 20; round++) {
          List<String> texts =
              random.ints(random.nextInt(1, 60), 0, 50).mapToObj("a "::repeat).toList();
          assertThat(small.embed(texts)).hasNumberOfRows(texts.size());
        }
      }
    }
  }

  @Test
  void sequencesOfIdsAreEmbeddedAsEachAlone() {
    List<int[]> sequences = List.of(new int[] {2, 9, 3}, new int[] {2, 3}, new int[] {2, 7, 8, 3});
    float[][] together = encoder.embedIds(sequences, Pooling.MEAN);
    assertThat(together).hasNumberOfRows(3);
    for (int i = 0; i < 3; i++) {
      assertThat(together[i])
          .containsExactly(encoder.embedIds(sequences.get(i), Pooling.MEAN), within(1e-6f));
    }
    assertThatThrownBy(() -> encoder.embedIds(List.of(new int[] {2, 65}), Pooling.MEAN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputIds[1] is 65");
  }

  @Test
  void idsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> encoder.hiddenStates(new int[] {4, 5, 65}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputIds[2] is 65")
        .hasMessageContaining("vocab_size 65");
    assertThatThrownBy(() -> encoder.embedIds(new int[] {-1}, Pooling.CLS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputIds[0] is -1");
    assertThatThrownBy(() -> encoder.hiddenStates(new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> encoder.hiddenStates(new int[38]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("38 tokens")
        .hasMessageContaining("37 positions");
  }

  @Test
  void takesGeneratorsAndLanguageModels(@TempDir Path other) throws IOException {
    try (ElectraEncoder generator =
        ElectraEncoder.load(directory.resolve("generator"), RandomModel.REFERENCE)) {
      assertThat(generator.embed("the chef")).hasSize(12);
    }
    RandomModel.maskedLanguageModel(other);
    try (ElectraEncoder model = ElectraEncoder.load(other, RandomModel.REFERENCE)) {
      assertThat(model.embed("the chef")).hasSize(24);
    }
  }

  @Test
  void takesWeightsUnderThePrefixOfBertOrNone(@TempDir Path other) throws IOException {
    for (String prefix : List.of("bert.", "")) {
      Path renamed = Files.createDirectories(other.resolve("prefix-" + prefix));
      Files.copy(directory.resolve("config.json"), renamed.resolve("config.json"));
      RandomModel.writeTokenizer(renamed);
      SafetensorsWriter writer = new SafetensorsWriter();
      try (Safetensors file = Safetensors.open(directory)) {
        for (String name : file.tensors().keySet()) {
          long[] shape =
              file.tensors().get(name).shape().stream().mapToLong(Number::longValue).toArray();
          writer.floats(name.replaceFirst("^electra\\.", prefix), file.readFloats(name), shape);
        }
      }
      writer.writeTo(renamed.resolve(Safetensors.MODEL_FILE));
      try (ElectraEncoder model = ElectraEncoder.load(renamed, RandomModel.REFERENCE)) {
        assertThat(model.embed("the chef")).containsExactly(encoder.embed("the chef"));
      }
    }
  }

  @Test
  void closedEncodersRefuse() throws IOException {
    ElectraEncoder closed = ElectraEncoder.load(directory, RandomModel.REFERENCE);
    closed.close();
    closed.close();
    assertThatThrownBy(() -> closed.embed("the chef"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("closed");
  }
}
