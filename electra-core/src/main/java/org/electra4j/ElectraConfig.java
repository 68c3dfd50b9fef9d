package org.electra4j;

import java.util.Locale;
import java.util.function.Consumer;

/**
 * The shape of one ELECTRA network (a discriminator, a generator or a BERT-like encoder); names are
 * those of Hugging Face's {@code config.json} in camelCase.
 *
 * <p>The activation is always GELU in its erf form and positions are always absolute. Sizes of the
 * presets: ELECTRA paper (arXiv 2003.10555), Table 6.
 *
 * @param vocabSize number of WordPiece tokens
 * @param embeddingSize width of the embedding tables; a linear layer maps it to {@code hiddenSize}
 *     where the two differ
 * @param hiddenSize width of the encoder, a multiple of {@code numAttentionHeads}
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads number of attention heads
 * @param intermediateSize inner width of the feed-forward network
 * @param hiddenDropoutProb probability of dropping an element of a hidden state, in [0, 1)
 * @param attentionProbsDropoutProb probability of dropping an attention probability, in [0, 1)
 * @param maxPositionEmbeddings number of positions: the longest sequence
 * @param typeVocabSize number of token types (segments)
 * @param initializerRange standard deviation of the truncated normal that weights start from
 * @param layerNormEps added to the variance inside LayerNorm
 * @param padTokenId id of the padding token, in [0, vocabSize)
 */
public record ElectraConfig(
    int vocabSize,
    int embeddingSize,
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int intermediateSize,
    float hiddenDropoutProb,
    float attentionProbsDropoutProb,
    int maxPositionEmbeddings,
    int typeVocabSize,
    float initializerRange,
    float layerNormEps,
    int padTokenId) {

  /** Width of one attention head in all published sizes. */
  private static final int PUBLISHED_HEAD_SIZE = 64;

  /**
   * Checks every field.
   *
   * @throws IllegalArgumentException naming the field, its value and the rule
   */
  public ElectraConfig {
    requirePositive("vocabSize", vocabSize);
    requirePositive("embeddingSize", embeddingSize);
    requirePositive("hiddenSize", hiddenSize);
    requirePositive("numHiddenLayers", numHiddenLayers);
    requirePositive("numAttentionHeads", numAttentionHeads);
    requirePositive("intermediateSize", intermediateSize);
    requirePositive("maxPositionEmbeddings", maxPositionEmbeddings);
    requirePositive("typeVocabSize", typeVocabSize);
    requireProbability("hiddenDropoutProb", hiddenDropoutProb);
    requireProbability("attentionProbsDropoutProb", attentionProbsDropoutProb);
    requirePositive("initializerRange", initializerRange);
    requirePositive("layerNormEps", layerNormEps);
    if (hiddenSize % numAttentionHeads != 0) {
      throw new IllegalArgumentException(
          "hiddenSize must be a multiple of numAttentionHeads, but "
              + hiddenSize
              + " is not a multiple of "
              + numAttentionHeads
              + ".");
    }
    if (padTokenId < 0 || padTokenId >= vocabSize) {
      throw new IllegalArgumentException(
          "padTokenId must be in [0, vocabSize = " + vocabSize + "), but is " + padTokenId + ".");
    }
  }

  /**
   * Returns a discriminator of our own that trains in minutes on a laptop: 4 layers of width 128, 4
   * heads, no dropout, and wider initial weights, as fits so narrow a network.
   */
  public static ElectraConfig tiny() {
    return published(128, 128, 4, 4)
        .withHiddenDropoutProb(0)
        .withAttentionProbsDropoutProb(0)
        .withInitializerRange(0.05f);
  }

  /**
   * Returns the discriminator of ELECTRA-Small: 12 layers of width 256, 4 heads, embeddings of 128.
   */
  public static ElectraConfig small() {
    return published(128, 256, 12, 4);
  }

  /** Returns the discriminator of ELECTRA-Base: 12 layers of width 768, 12 heads. */
  public static ElectraConfig base() {
    return published(768, 768, 12, 12);
  }

  /** Returns the discriminator of ELECTRA-Large: 24 layers of width 1024, 16 heads. */
  public static ElectraConfig large() {
    return published(1024, 1024, 24, 16);
  }

  private static ElectraConfig published(int embeddingSize, int hiddenSize, int layers, int heads) {
    return new ElectraConfig(
        30_522,
        embeddingSize,
        hiddenSize,
        layers,
        heads,
        4 * hiddenSize,
        0.1f,
        0.1f,
        512,
        2,
        0.02f,
        1e-12f,
        0);
  }

  /**
   * Returns the generator that belongs to this discriminator: {@link #generator(double, double)}
   * with all layers kept.
   *
   * @param sizeFraction generator width over discriminator width; the paper has 1/4 (Small, Large)
   *     and 1/3 (Base)
   */
  public ElectraConfig generator(double sizeFraction) {
    return generator(sizeFraction, 1.0);
  }

  /**
   * Returns the generator that belongs to this discriminator, derived as google-research/electra
   * does: {@code hiddenSize = round(hiddenSize * sizeFraction)}, {@code numAttentionHeads = max(1,
   * hiddenSize / 64)}, {@code intermediateSize = 4 * hiddenSize}, {@code numHiddenLayers =
   * round(numHiddenLayers * layersFraction)}; embeddings and all else stay (model/modeling.py,
   * get_generator_config).
   *
   * @param sizeFraction generator width over discriminator width
   * @param layersFraction generator depth over discriminator depth
   * @throws IllegalArgumentException if a fraction is not positive, gives no layer, or gives a
   *     width that its heads do not divide; the message then names the nearest fraction that fits
   */
  public ElectraConfig generator(double sizeFraction, double layersFraction) {
    int hidden = scaled("hiddenSize", hiddenSize, sizeFraction);
    int layers = scaled("numHiddenLayers", numHiddenLayers, layersFraction);
    int heads = Math.max(1, hidden / PUBLISHED_HEAD_SIZE);
    if (hidden % heads != 0) {
      int nearest = (int) Math.rint((double) hidden / PUBLISHED_HEAD_SIZE) * PUBLISHED_HEAD_SIZE;
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A generator of %s times hiddenSize %d has hiddenSize %d, which its %d heads do not divide;"
                  + " a fraction of %.5f (hiddenSize %d) does.",
              sizeFraction,
              hiddenSize,
              hidden,
              heads,
              (double) nearest / hiddenSize,
              nearest));
    }
    return withHeads(hidden, heads).withIntermediateSize(4 * hidden).withNumHiddenLayers(layers);
  }

  /** Returns the width of one attention head. */
  public int headSize() {
    return hiddenSize / numAttentionHeads;
  }

  /**
   * Returns whether a linear layer maps embeddings to the encoder ({@code embeddingSize !=
   * hiddenSize}).
   */
  public boolean hasEmbeddingProjection() {
    return embeddingSize != hiddenSize;
  }

  /**
   * Returns a copy with the given encoder width and number of heads, which are checked together.
   */
  public ElectraConfig withHeads(int hiddenSize, int numAttentionHeads) {
    return with(
        f -> {
          f.hiddenSize = hiddenSize;
          f.numAttentionHeads = numAttentionHeads;
        });
  }

  /** Returns a copy with the given number of WordPiece tokens. */
  public ElectraConfig withVocabSize(int vocabSize) {
    return with(f -> f.vocabSize = vocabSize);
  }

  /** Returns a copy with the given width of the embedding tables. */
  public ElectraConfig withEmbeddingSize(int embeddingSize) {
    return with(f -> f.embeddingSize = embeddingSize);
  }

  /** Returns a copy with the given width of the encoder. */
  public ElectraConfig withHiddenSize(int hiddenSize) {
    return with(f -> f.hiddenSize = hiddenSize);
  }

  /** Returns a copy with the given number of encoder layers. */
  public ElectraConfig withNumHiddenLayers(int numHiddenLayers) {
    return with(f -> f.numHiddenLayers = numHiddenLayers);
  }

  /** Returns a copy with the given number of attention heads. */
  public ElectraConfig withNumAttentionHeads(int numAttentionHeads) {
    return with(f -> f.numAttentionHeads = numAttentionHeads);
  }

  /** Returns a copy with the given inner width of the feed-forward network. */
  public ElectraConfig withIntermediateSize(int intermediateSize) {
    return with(f -> f.intermediateSize = intermediateSize);
  }

  /** Returns a copy with the given dropout probability of hidden states. */
  public ElectraConfig withHiddenDropoutProb(float hiddenDropoutProb) {
    return with(f -> f.hiddenDropoutProb = hiddenDropoutProb);
  }

  /** Returns a copy with the given dropout probability of attention probabilities. */
  public ElectraConfig withAttentionProbsDropoutProb(float attentionProbsDropoutProb) {
    return with(f -> f.attentionProbsDropoutProb = attentionProbsDropoutProb);
  }

  /** Returns a copy with the given number of positions. */
  public ElectraConfig withMaxPositionEmbeddings(int maxPositionEmbeddings) {
    return with(f -> f.maxPositionEmbeddings = maxPositionEmbeddings);
  }

  /** Returns a copy with the given number of token types (segments). */
  public ElectraConfig withTypeVocabSize(int typeVocabSize) {
    return with(f -> f.typeVocabSize = typeVocabSize);
  }

  /** Returns a copy with the given standard deviation of the initial weights. */
  public ElectraConfig withInitializerRange(float initializerRange) {
    return with(f -> f.initializerRange = initializerRange);
  }

  /** Returns a copy with the given LayerNorm epsilon. */
  public ElectraConfig withLayerNormEps(float layerNormEps) {
    return with(f -> f.layerNormEps = layerNormEps);
  }

  /** Returns a copy with the given id of the padding token. */
  public ElectraConfig withPadTokenId(int padTokenId) {
    return with(f -> f.padTokenId = padTokenId);
  }

  private static int scaled(String field, int value, double fraction) {
    // rint, as Python's round: halves go to the even neighbour
    int scaled = fraction > 0 && fraction <= 64 ? (int) Math.rint(value * fraction) : 0;
    if (scaled < 1) {
      throw new IllegalArgumentException(
          "A generator of "
              + fraction
              + " times "
              + field
              + " "
              + value
              + " has no "
              + field
              + " left; use a fraction in (0, 1].");
    }
    return scaled;
  }

  private static void requirePositive(String field, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(field + " must be positive, but is " + value + ".");
    }
  }

  private static void requirePositive(String field, float value) {
    if (!(value > 0) || Float.isInfinite(value)) {
      throw new IllegalArgumentException(field + " must be positive, but is " + value + ".");
    }
  }

  private static void requireProbability(String field, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(field + " must be in [0, 1), but is " + value + ".");
    }
  }

  private ElectraConfig with(Consumer<Fields> change) {
    Fields fields = new Fields(this);
    change.accept(fields);
    return fields.toConfig();
  }

  /** All fields, to be changed before they are checked again. */
  private static final class Fields {
    private int vocabSize;
    private int embeddingSize;
    private int hiddenSize;
    private int numHiddenLayers;
    private int numAttentionHeads;
    private int intermediateSize;
    private float hiddenDropoutProb;
    private float attentionProbsDropoutProb;
    private int maxPositionEmbeddings;
    private int typeVocabSize;
    private float initializerRange;
    private float layerNormEps;
    private int padTokenId;

    Fields(ElectraConfig config) {
      vocabSize = config.vocabSize;
      embeddingSize = config.embeddingSize;
      hiddenSize = config.hiddenSize;
      numHiddenLayers = config.numHiddenLayers;
      numAttentionHeads = config.numAttentionHeads;
      intermediateSize = config.intermediateSize;
      hiddenDropoutProb = config.hiddenDropoutProb;
      attentionProbsDropoutProb = config.attentionProbsDropoutProb;
      maxPositionEmbeddings = config.maxPositionEmbeddings;
      typeVocabSize = config.typeVocabSize;
      initializerRange = config.initializerRange;
      layerNormEps = config.layerNormEps;
      padTokenId = config.padTokenId;
    }

    ElectraConfig toConfig() {
      return new ElectraConfig(
          vocabSize,
          embeddingSize,
          hiddenSize,
          numHiddenLayers,
          numAttentionHeads,
          intermediateSize,
          hiddenDropoutProb,
          attentionProbsDropoutProb,
          maxPositionEmbeddings,
          typeVocabSize,
          initializerRange,
          layerNormEps,
          padTokenId);
    }
  }
}
