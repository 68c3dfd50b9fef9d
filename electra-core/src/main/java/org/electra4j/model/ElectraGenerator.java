package org.electra4j.model;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.autograd.RowOps;
import org.electra4j.autograd.Weight;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.LayerNorm;
import org.electra4j.nn.Linear;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** A network with a masked-language-model head that is tied to its word table. */
public final class ElectraGenerator {
  private final ElectraModel electra;
  private final Linear dense;
  private final LayerNorm norm;
  private final Parameter outputBias;

  /** Adds the head to {@code electra}; head parameters start with {@code prefix}. */
  public ElectraGenerator(ParameterStore store, String prefix, ElectraModel electra) {
    this.electra = electra;
    int e = electra.config().embeddingSize();
    Initializer normal = new Initializer.TruncatedNormal(electra.config().initializerRange());
    String head = prefix + "generator_predictions.";
    this.dense = new Linear(store, head + "dense", normal, electra.config().hiddenSize(), e);
    this.norm = new LayerNorm(store, head + "LayerNorm", e, electra.config().layerNormEps());
    this.outputBias =
        store.add(
            prefix + "generator_lm_head.bias",
            new Initializer.Constant(0),
            electra.config().vocabSize());
  }

  /** Returns the hidden states, (T, H). */
  public Tensor encode(Context c, PackedBatch batch, int stream) {
    return electra.forward(c, batch, stream);
  }

  /** Returns what is multiplied with the word table: {@code LayerNorm(gelu(dense(x)))}, (m, E). */
  public Tensor transform(Context c, Tensor x) {
    Tensor transformed = dense.forwardGelu(c, x); // (m, E)
    return norm.forward(c, transformed);
  }

  /**
   * Returns loss and samples at the masked positions.
   *
   * @param hidden (T, H)
   * @param positions (M) i32, or {@code null} for every token
   * @param labels (M) i32
   */
  public LossOps.LanguageModel predict(
      Context c,
      Tensor hidden,
      Tensor positions,
      Tensor labels,
      boolean sample,
      float temperature,
      float scale) {
    Tensor x = positions == null ? hidden : RowOps.gather(c, hidden, positions); // (M, H)
    return LossOps.languageModel(
        c, transform(c, x), words(), bias(), labels, sample, temperature, scale);
  }

  /** Returns the logits of a few rows on the host, (m, V) row by row. {@code x} (m, H). */
  public float[] logits(Context c, Tensor x) {
    Tensor transformed = transform(c, x); // (m, E)
    float[] logits = c.downloadFloats(LossOps.logits(c, transformed, words(), bias()));
    c.recycle(transformed);
    return logits;
  }

  /** Returns the word table (V, E). */
  public Weight words() {
    return electra.tables().words();
  }

  /** Returns the output bias (V). */
  public Weight bias() {
    return outputBias.weight();
  }

  /** Returns the encoder. */
  public ElectraModel electra() {
    return electra;
  }
}
