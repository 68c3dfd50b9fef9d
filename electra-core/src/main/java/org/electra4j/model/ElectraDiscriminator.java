package org.electra4j.model;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** A network that says for every token whether it was replaced: logit &gt; 0 means replaced. */
public final class ElectraDiscriminator {
  private final ElectraModel electra;
  private final Linear dense;
  private final Linear prediction;

  /** Adds the head to {@code electra}; head parameters start with {@code prefix}. */
  public ElectraDiscriminator(ParameterStore store, String prefix, ElectraModel electra) {
    this.electra = electra;
    int h = electra.config().hiddenSize();
    String head = prefix + "discriminator_predictions.";
    Initializer normal = new Initializer.TruncatedNormal(electra.config().initializerRange());
    this.dense = new Linear(store, head + "dense", normal, h, h);
    this.prediction =
        new Linear(store, head + "dense_prediction", new Initializer.GlorotUniform(), h, 1);
  }

  /** Returns the hidden states, (T, H). */
  public Tensor encode(Context c, PackedBatch batch, int stream) {
    return electra.forward(c, batch, stream);
  }

  /**
   * Returns logits and loss.
   *
   * @param hidden (t, H)
   * @param labels (t) i32: 1 replaced, 0 original; {@code null} for logits only
   * @param scale weight of the loss over the number of tokens it is averaged over
   */
  public LossOps.Summed predict(Context c, Tensor hidden, Tensor labels, float scale) {
    Tensor x = dense.forwardGelu(c, hidden); // (t, H)
    return LossOps.replacedTokens(c, x, prediction.weight(), prediction.bias(), labels, scale);
  }

  /** Returns the encoder. */
  public ElectraModel electra() {
    return electra;
  }
}
