package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Start and end of a span in sequences of 384 tokens, loss and gradient. */
public class SpanLossBench extends KernelBench {
  private static final int SEQ_LENGTH = 384;

  private int h;
  private int sequences;
  private long x;
  private long w;
  private long bias;
  private long places;
  private long cuSeqlens;
  private long sums;
  private long logits;
  private long dx;
  private long dw;
  private long dbias;

  @Override
  void allocate() {
    h = model.hiddenSize();
    int[] offsets = offsets(SEQ_LENGTH);
    sequences = offsets.length - 1;
    x = operands.activation((long) tokens * h);
    w = operands.activation(2L * h);
    bias = operands.floats(2);
    places = operands.ints(new int[sequences]);
    cuSeqlens = operands.ints(offsets);
    sums = operands.zeros(2L * Double.BYTES);
    logits = operands.zeros(2L * tokens * Float.BYTES);
    dx = operands.activation((long) tokens * h);
    dw = operands.zeros(2L * h * Float.BYTES);
    dbias = operands.zeros(2L * Float.BYTES);
  }

  /** Reads x, writes dx and two logits a row: {@code t (2 h a + 8)} bytes. */
  @Benchmark
  public void forwardBackward(MemoryRates rates) {
    backend.spanLoss(
        sums,
        logits,
        dx,
        dw,
        dbias,
        x,
        w,
        bias,
        places,
        places,
        cuSeqlens,
        sequences,
        tokens,
        h,
        1f / sequences);
    count(rates, tokens * (2.0 * h * operands.activationBytes() + 2 * Float.BYTES));
  }
}
