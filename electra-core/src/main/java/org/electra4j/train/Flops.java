package org.electra4j.train;

import org.electra4j.ElectraConfig;
import org.electra4j.Objective;

/**
 * Floating-point operations of ELECTRA, counted in two ways: as the paper does, to compare with its
 * tables, and as a good implementation does them, for utilisation. A multiplication and an addition
 * are two.
 */
public final class Flops {
  private static final double DROPOUT = 4; // comparison, multiplication, random number
  private static final double LAYER_NORM = 5;
  private static final double ACTIVATION = 8;
  private static final double SOFTMAX = 5;
  private static final double PAPER_MASKED_SHARE = 0.15625; // 20 of 128, for every model

  private Flops() {}

  /**
   * Returns the operations of a whole ELECTRA pre-training in the paper's convention: backward
   * costs as much as forward, embeddings are looked up by a dense product, and 20 of 128 positions
   * go through the generator's head (google-research/electra, flops_computation.py; paper Tables 1
   * and 2).
   *
   * @param sequences sequences seen: batch size times steps
   */
  public static double paperElectra(
      ElectraConfig discriminator, ElectraConfig generator, int seqLength, double sequences) {
    double forward =
        paperEncoder(discriminator, seqLength)
            + replacedTokenHead(discriminator, seqLength)
            + paperEncoder(generator, seqLength)
            + languageModelHead(generator, PAPER_MASKED_SHARE * seqLength);
    return 2 * sequences * forward;
  }

  /** Returns the operations of a whole BERT pre-training, as {@link #paperElectra} counts them. */
  public static double paperBert(ElectraConfig model, int seqLength, double sequences) {
    double forward =
        paperEncoder(model, seqLength) + languageModelHead(model, PAPER_MASKED_SHARE * seqLength);
    return 2 * sequences * forward;
  }

  /**
   * Returns the operations of one forward pass of encoder and a classifier over every token, as
   * {@link #paperElectra} counts them.
   */
  public static double paperInference(ElectraConfig model, int seqLength) {
    return paperEncoder(model, seqLength) + replacedTokenHead(model, seqLength);
  }

  private static double paperEncoder(ElectraConfig model, double s) {
    double e = model.embeddingSize();
    double products = 2 * e * model.vocabSize() + 2 * e * (s + 2);
    return s * products + encoder(model, s);
  }

  /** Everything after the lookup: sum, LayerNorm and projection of embeddings, then the layers. */
  private static double encoder(ElectraConfig model, double s) {
    double h = model.hiddenSize();
    double e = model.embeddingSize();
    double i = model.intermediateSize();
    double embeddings = 2 * e + (LAYER_NORM + DROPOUT) * e;
    if (model.hasEmbeddingProjection()) {
      embeddings += 2 * e * h + h;
    }
    double scores = 2 * h * s + (SOFTMAX + DROPOUT + 1) * s * model.numAttentionHeads();
    double attention = 3 * (2 * h * h + h) + scores + 2 * h * s + 2 * h * h;
    double feedForward = 2 * h * i + i + ACTIVATION * i + 2 * h * i;
    double residuals = 2 * (1 + DROPOUT + 1 + LAYER_NORM) * h;
    return s * (embeddings + model.numHiddenLayers() * (attention + feedForward + residuals));
  }

  private static double replacedTokenHead(ElectraConfig model, double s) {
    double h = model.hiddenSize();
    return s * (2 * h * h + h + ACTIVATION * h + 2 * h);
  }

  private static double languageModelHead(ElectraConfig model, double masked) {
    double e = model.embeddingSize();
    double transform = model.hasEmbeddingProjection() ? 2 * e * model.hiddenSize() + e : 0;
    return masked * (2 * e * model.vocabSize() + transform);
  }

  /**
   * Returns the operations of training on one sequence as a good implementation does them: as
   * {@link #paperElectra} counts, but embeddings are looked up without a product, backward costs
   * twice the forward, and every head runs at the positions that its loss counts: the generator's
   * and those of MLM, Replace-MLM and ELECTRA-15 % at the masked ones of this {@code maskProb},
   * those of ELECTRA and All-Tokens MLM at all.
   *
   * @param main shape of the discriminator or language model
   * @param generator shape of the generator; not read where the objective has none
   * @param seqLength tokens of the sequence, none of them padding
   * @param maskProb share of tokens that are masked
   */
  public static double trainingSequence(
      Objective objective,
      ElectraConfig main,
      ElectraConfig generator,
      int seqLength,
      double maskProb) {
    double masked = Math.rint(maskProb * seqLength);
    double forward = encoder(main, seqLength);
    if (objective.hasGenerator()) {
      forward += encoder(generator, seqLength) + languageModelHead(generator, masked);
    }
    forward +=
        switch (objective) {
          case ELECTRA -> replacedTokenHead(main, seqLength);
          case ELECTRA_15 -> replacedTokenHead(main, masked);
          case MLM, REPLACE_MLM -> languageModelHead(main, masked);
          case ALL_TOKENS_MLM ->
              languageModelHead(main, seqLength) + seqLength * 2.0 * main.hiddenSize();
        };
    return 3 * forward;
  }
}
