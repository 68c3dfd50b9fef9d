package org.electra4j.examples;

import java.util.stream.Stream;
import org.electra4j.ElectraConfig;
import picocli.CommandLine.Option;

/** Options that change a preset's discriminator. */
final class ShapeOptions {
  @Option(
      names = "--num-hidden-layers",
      paramLabel = "N",
      description = "Layers of the discriminator.")
  Integer numHiddenLayers;

  @Option(names = "--hidden-size", paramLabel = "N", description = "Width of the discriminator.")
  Integer hiddenSize;

  @Option(
      names = "--num-attention-heads",
      paramLabel = "N",
      description = "Attention heads (default: one for 64 of the width where its size is changed).")
  Integer numAttentionHeads;

  @Option(
      names = "--intermediate-size",
      paramLabel = "N",
      description =
          "Inner width of the feed-forward network (default: four times a changed width).")
  Integer intermediateSize;

  @Option(names = "--embedding-size", paramLabel = "N", description = "Width of the embeddings.")
  Integer embeddingSize;

  @Option(
      names = "--hidden-dropout-prob",
      paramLabel = "X",
      description = "Dropout of hidden states.")
  Float hiddenDropoutProb;

  @Option(
      names = "--attention-probs-dropout-prob",
      paramLabel = "X",
      description = "Dropout of attention probabilities.")
  Float attentionProbsDropoutProb;

  @Option(
      names = "--initializer-range",
      paramLabel = "X",
      description = "Standard deviation of initial weights.")
  Float initializerRange;

  /** Returns whether any was given. */
  boolean isGiven() {
    return Stream.of(
            numHiddenLayers,
            hiddenSize,
            numAttentionHeads,
            intermediateSize,
            embeddingSize,
            hiddenDropoutProb,
            attentionProbsDropoutProb,
            initializerRange)
        .anyMatch(value -> value != null);
  }

  /**
   * Returns this shape with what was given.
   *
   * @throws IllegalArgumentException naming the field, its value and the rule
   */
  ElectraConfig applyTo(ElectraConfig model) {
    int width = or(hiddenSize, model.hiddenSize());
    int usualHeads = hiddenSize == null ? model.numAttentionHeads() : Math.max(1, width / 64);
    int usualInner = hiddenSize == null ? model.intermediateSize() : 4 * width;
    return model
        .withHeads(width, or(numAttentionHeads, usualHeads))
        .withIntermediateSize(or(intermediateSize, usualInner))
        .withNumHiddenLayers(or(numHiddenLayers, model.numHiddenLayers()))
        .withEmbeddingSize(or(embeddingSize, model.embeddingSize()))
        .withHiddenDropoutProb(or(hiddenDropoutProb, model.hiddenDropoutProb()))
        .withAttentionProbsDropoutProb(
            or(attentionProbsDropoutProb, model.attentionProbsDropoutProb()))
        .withInitializerRange(or(initializerRange, model.initializerRange()));
  }

  private static <T> T or(T given, T usual) {
    return given == null ? usual : given;
  }
}
