package org.electra4j.inference;

import java.util.Objects;

/**
 * How a text becomes one vector.
 *
 * @param pooling how its hidden states are taken together
 * @param normalize whether the vector is divided by its Euclidean norm, so that a dot product is
 *     the cosine; a zero vector stays
 * @param maxLength longest sequence, [CLS] and [SEP] included, at least 3; the positions of the
 *     model limit it too
 * @param longTexts what becomes of longer texts
 */
public record EmbeddingOptions(
    Pooling pooling, boolean normalize, int maxLength, LongTexts longTexts) {

  private static final int SHORTEST = 3;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException when {@code maxLength} is below 3
   */
  public EmbeddingOptions {
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(longTexts, "longTexts");
    if (maxLength < SHORTEST) {
      throw new IllegalArgumentException(
          "maxLength must be at least 3, for [CLS], a token and [SEP]; got " + maxLength + ".");
    }
  }

  /** Returns the mean of all tokens as it is, of texts cut to the positions of the model. */
  public static EmbeddingOptions defaults() {
    return new EmbeddingOptions(Pooling.MEAN, false, Integer.MAX_VALUE, LongTexts.TRUNCATE);
  }

  /**
   * Returns what sentence-transformers does for its BERT sentence models: the mean of all tokens,
   * normalised, of texts cut to the positions of the model.
   */
  public static EmbeddingOptions sentences() {
    return defaults().withNormalize(true);
  }

  /** Returns a copy with another {@link #pooling}. */
  public EmbeddingOptions withPooling(Pooling value) {
    return new EmbeddingOptions(value, normalize, maxLength, longTexts);
  }

  /** Returns a copy with another {@link #normalize}. */
  public EmbeddingOptions withNormalize(boolean value) {
    return new EmbeddingOptions(pooling, value, maxLength, longTexts);
  }

  /** Returns a copy with another {@link #maxLength}. */
  public EmbeddingOptions withMaxLength(int value) {
    return new EmbeddingOptions(pooling, normalize, value, longTexts);
  }

  /** Returns a copy with another {@link #longTexts}. */
  public EmbeddingOptions withLongTexts(LongTexts value) {
    return new EmbeddingOptions(pooling, normalize, maxLength, value);
  }
}
