package org.electra4j.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Linear;
import org.electra4j.tensor.Tensor;

/**
 * A head that is features of the hidden states, and a linear layer from them to the logits. The
 * loss is the trainer's.
 */
public sealed interface LogitsHead extends TaskHead
    permits ElectraSequenceHead, ElectraTokenHead, ElectraSpanHead {

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

  /** Returns the logits in fp32: (B, units), or (T, units) of a head for tokens. Not recorded. */
  default Tensor logits(Context c, Tensor hidden, Sequences sequences, int stream) {
    Tensor features = features(c, hidden, sequences, stream);
    return LossOps.classes(c, features, output().weight(), output().bias(), null, 0).logits();
  }

  @Override
  default List<float[]> results(Context c, Tensor hidden, PackedBatch batch, int[] lengths) {
    float[] all = c.downloadFloats(logits(c, hidden, batch.sequences(), 0));
    int units = output().weight().size(0);
    List<float[]> rows = new ArrayList<>(lengths.length);
    int begin = 0;
    for (int length : lengths) {
      int count = units * (isPerToken() ? length : 1);
      rows.add(Arrays.copyOfRange(all, begin, begin + count));
      begin += count;
    }
    return rows;
  }
}
