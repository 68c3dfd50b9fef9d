package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.DropoutOps;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/**
 * A class for every token: dropout and one linear layer, as in transformers. The reference has no
 * dropout here (finetune/tagging): that is {@code dropoutProb} 0.
 */
public final class ElectraTokenHead implements LogitsHead {
  private final float dropoutProb;
  private final Linear output;

  /** Adds the head's parameters; their names start with {@code prefix}. */
  public ElectraTokenHead(
      ParameterStore store, String prefix, ElectraConfig config, int units, float dropoutProb) {
    this.dropoutProb = dropoutProb;
    this.output =
        new Linear(
            store,
            prefix + "classifier",
            new Initializer.GlorotUniform(),
            config.hiddenSize(),
            units);
  }

  /** Returns one row a token, (T, H). */
  @Override
  public Tensor features(Context c, Tensor hidden, Sequences sequences, int stream) {
    return DropoutOps.dropout(c, hidden, dropoutProb, stream);
  }

  @Override
  public Linear output() {
    return output;
  }

  @Override
  public boolean isPerToken() {
    return true;
  }
}
