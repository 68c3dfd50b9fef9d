package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/**
 * Start and end of an answer: two logits a token, independent of each other, as in transformers. An
 * answer at [CLS] means that there is none.
 */
public final class ElectraSpanHead implements LogitsHead {
  private static final int START_AND_END = 2;

  private final Linear output;

  /** Adds the head's parameters; their names start with {@code prefix}. */
  public ElectraSpanHead(ParameterStore store, String prefix, ElectraConfig config) {
    this.output =
        new Linear(
            store,
            prefix + "qa_outputs",
            new Initializer.GlorotUniform(),
            config.hiddenSize(),
            START_AND_END);
  }

  /** Returns the hidden states themselves, (T, H). */
  @Override
  public Tensor features(Context c, Tensor hidden, Sequences sequences, int stream) {
    return hidden;
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
