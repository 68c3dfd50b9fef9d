package org.electra4j.autograd;

import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/** Fused self-attention over packed sequences. */
public final class AttentionOps {
  private AttentionOps() {}

  /**
   * Returns {@code dropout(softmax(q kᵀ / sqrt(D))) v} for every head and sequence.
   *
   * @param qkv (t, 3*h): query, key, value of all heads
   * @param heads N; h must be a multiple of it
   * @param dropoutStride at least the longest sequence, a multiple of 8; the same for a whole run
   * @return (t, h)
   */
  public static Tensor attention(
      Context c,
      Tensor qkv,
      Sequences sequences,
      int heads,
      float dropoutProb,
      int dropoutStride,
      int stream) {
    int t = sequences.tokens();
    int h = qkv.columns() / 3;
    int d = h / heads;
    int b = sequences.count();
    int longest = sequences.maxSeqlen();
    qkv.require("attention", "qkv", t, 3 * heads * d);
    Tensor context = c.activation(t, h);
    Tensor lse = c.saved(DType.F32, heads, t);
    float p = c.dropout(dropoutProb);
    long cu = sequences.cuSeqlens().address();
    c.backend()
        .attentionForward(
            context.address(),
            Tensor.addressOf(lse),
            qkv.address(),
            cu,
            b,
            t,
            heads,
            d,
            longest,
            p,
            dropoutStride,
            c.seed(),
            c.step(),
            stream);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dcontext = c.tape().takeGradient(context);
                Tensor dqkv = c.activation(t, 3 * h);
                c.tape().setGradient(qkv, dqkv);
                c.backend()
                    .attentionBackward(
                        dqkv.address(),
                        dcontext.address(),
                        qkv.address(),
                        context.address(),
                        lse.address(),
                        cu,
                        b,
                        t,
                        heads,
                        d,
                        longest,
                        p,
                        dropoutStride,
                        c.seed(),
                        c.step(),
                        stream);
                c.release(context, lse, dcontext);
              });
    }
    return context;
  }
}
