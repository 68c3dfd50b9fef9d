package org.electra4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElectraConfigTest {

  @Test
  void presetsAreThePublishedSizes() {
    assertThat(ElectraConfig.small())
        .isEqualTo(
            new ElectraConfig(30_522, 128, 256, 12, 4, 1024, 0.1f, 0.1f, 512, 2, 0.02f, 1e-12f, 0));
    assertThat(ElectraConfig.tiny())
        .extracting(
            ElectraConfig::embeddingSize,
            ElectraConfig::hiddenSize,
            ElectraConfig::numHiddenLayers,
            ElectraConfig::numAttentionHeads,
            ElectraConfig::intermediateSize)
        .containsExactly(128, 128, 4, 4, 512);
    assertThat(ElectraConfig.base().headSize()).isEqualTo(64);
    assertThat(ElectraConfig.large().numHiddenLayers()).isEqualTo(24);
    assertThat(ElectraConfig.base().hasEmbeddingProjection()).isFalse();
    assertThat(ElectraConfig.small().hasEmbeddingProjection()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "small, 0.25, 64, 1, 256",
    "small, 1.0, 256, 4, 1024",
    "base, 0.33333, 256, 4, 1024",
    "large, 0.25, 256, 4, 1024",
    "tiny, 0.25, 32, 1, 128",
    "tiny, 0.00390626, 1, 1, 4"
  })
  void generatorIsDerivedAsTheReferenceDoes(
      String preset, double fraction, int hidden, int heads, int intermediate) {
    ElectraConfig discriminator =
        switch (preset) {
          case "tiny" -> ElectraConfig.tiny();
          case "small" -> ElectraConfig.small();
          case "base" -> ElectraConfig.base();
          default -> ElectraConfig.large();
        };

    ElectraConfig generator = discriminator.generator(fraction);

    assertThat(generator)
        .isEqualTo(discriminator.withHeads(hidden, heads).withIntermediateSize(intermediate));
  }

  @Test
  void generatorRoundsHalvesToEvenAsPythonDoes() {
    ElectraConfig odd = ElectraConfig.tiny().withHeads(10, 1);

    assertThat(odd.generator(0.25).hiddenSize()).isEqualTo(2);
    assertThat(odd.generator(0.35).hiddenSize()).isEqualTo(4);
    assertThat(ElectraConfig.small().generator(0.25, 0.5).numHiddenLayers()).isEqualTo(6);
  }

  @Test
  void generatorThatItsHeadsDoNotDivideNamesAFractionThatFits() {
    assertThatThrownBy(() -> ElectraConfig.large().generator(0.33))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A generator of 0.33 times hiddenSize 1024 has hiddenSize 338, which its 5 heads do not"
                + " divide; a fraction of 0.31250 (hiddenSize 320) does.");
    assertThat(ElectraConfig.large().generator(0.3125).hiddenSize()).isEqualTo(320);
  }

  @ParameterizedTest
  @CsvSource({"0", "-0.5", "NaN", "0.001", "1e9"})
  void generatorOfAnImpossibleSizeIsRefused(double fraction) {
    assertThatThrownBy(() -> ElectraConfig.tiny().generator(fraction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hiddenSize");
  }

  @Test
  void everyFieldIsChecked() {
    assertRefused(c -> c.withVocabSize(0), "vocabSize must be positive, but is 0.");
    assertRefused(c -> c.withEmbeddingSize(-1), "embeddingSize");
    assertRefused(c -> c.withHiddenSize(0), "hiddenSize must be positive");
    assertRefused(c -> c.withNumHiddenLayers(0), "numHiddenLayers");
    assertRefused(c -> c.withNumAttentionHeads(0), "numAttentionHeads must be positive");
    assertRefused(c -> c.withNumAttentionHeads(3), "128 is not a multiple of 3");
    assertRefused(c -> c.withIntermediateSize(0), "intermediateSize");
    assertRefused(c -> c.withHiddenDropoutProb(1f), "hiddenDropoutProb must be in [0, 1)");
    assertRefused(c -> c.withAttentionProbsDropoutProb(Float.NaN), "attentionProbsDropoutProb");
    assertRefused(c -> c.withMaxPositionEmbeddings(0), "maxPositionEmbeddings");
    assertRefused(c -> c.withTypeVocabSize(0), "typeVocabSize");
    assertRefused(c -> c.withInitializerRange(Float.POSITIVE_INFINITY), "initializerRange");
    assertRefused(c -> c.withLayerNormEps(0f), "layerNormEps");
    assertRefused(c -> c.withPadTokenId(30_522), "padTokenId must be in [0, vocabSize = 30522)");
  }

  private static void assertRefused(UnaryOperator<ElectraConfig> change, String message) {
    assertThatThrownBy(() -> change.apply(ElectraConfig.tiny()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
