package org.electra4j.model;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Linear;
import org.electra4j.tensor.Tensor;

/**
 * What fine-tuning puts on the encoder: features of the hidden states, and a linear layer from them
 * to the logits. The loss is the trainer's.
 */
public sealed interface TaskHead permits ElectraSequenceHead, ElectraTokenHead, ElectraSpanHead {

  /**
   * Returns what the last linear layer reads: one row a sequence or one row a token.
   *
   * @param hidden (T, H)
   * @param stream first of the {@link #STREAMS} dropout streams that the head may use
   */
  Tensor features(Context c, Tensor hidden, Sequences sequences, int stream);

  /** Returns the last linear layer, with one unit a logit. */
  Linear output();

  /** Returns whether there is one row of logits a token, rather than one a sequence. */
  boolean isPerToken();

  /** Dropout streams that a head may use. */
  int STREAMS = 2;
}
