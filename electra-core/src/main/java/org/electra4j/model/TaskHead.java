package org.electra4j.model;

import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.tensor.Tensor;

/** What fine-tuning puts on the encoder. */
public sealed interface TaskHead permits LogitsHead, ElectraJointSpanHead {

  /**
   * Returns for each sequence what its answer is read from: of a {@link LogitsHead} its logits, row
   * after row, of an {@link ElectraJointSpanHead} its spans. Not recorded.
   *
   * @param hidden (T, H)
   * @param lengths tokens of each sequence
   */
  List<float[]> results(Context c, Tensor hidden, PackedBatch batch, int[] lengths);

  /** Dropout streams that a head may use. */
  int STREAMS = 2;
}
