package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Self-attention with dropout of 10 %, over sequences of one length s. */
public class AttentionBench extends KernelBench {
  @Param({"128", "512"})
  int seqLength;

  private int heads;
  private int headSize;
  private int sequences;
  private int longest;
  private int dropoutStride;
  private long qkv;
  private long context;
  private long lse;
  private long cuSeqlens;
  private long dqkv;
  private long dcontext;

  @Override
  void allocate() {
    int h = model.hiddenSize();
    heads = model.numAttentionHeads();
    headSize = h / heads;
    int[] offsets = offsets(seqLength);
    sequences = offsets.length - 1;
    longest = Math.min(tokens, seqLength);
    dropoutStride = (longest + 7) / 8 * 8;
    cuSeqlens = operands.ints(offsets);
    qkv = operands.activation(3L * tokens * h);
    context = operands.activation((long) tokens * h);
    lse = operands.zeros((long) heads * tokens * Float.BYTES);
    dqkv = operands.activation(3L * tokens * h);
    dcontext = operands.activation((long) tokens * h);
    runForward();
  }

  private void runForward() {
    backend.attentionForward(
        context,
        lse,
        qkv,
        cuSeqlens,
        sequences,
        tokens,
        heads,
        headSize,
        longest,
        DROPOUT,
        dropoutStride,
        SEED,
        0,
        STREAM);
  }

  /** Two products, {@code 2 t s h} operations each. */
  @Benchmark
  public void forward(ComputeRates rates) {
    runForward();
    count(rates, 2 * 2.0 * tokens * longest * model.hiddenSize());
  }

  /** Five products: scores again, dprobabilities, dvalue, dquery, dkey. */
  @Benchmark
  public void backward(ComputeRates rates) {
    backend.attentionBackward(
        dqkv,
        dcontext,
        qkv,
        context,
        lse,
        cuSeqlens,
        sequences,
        tokens,
        heads,
        headSize,
        longest,
        DROPOUT,
        dropoutStride,
        SEED,
        0,
        STREAM);
    count(rates, 5 * 2.0 * tokens * longest * model.hiddenSize());
  }
}
