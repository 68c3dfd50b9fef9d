package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Copy gate of All-Tokens MLM, loss and gradient in one pass, at the width of the encoder. */
public class CopyLossBench extends KernelBench {
  private int h;
  private long x;
  private long w;
  private long bias;
  private long ids;
  private long nll;
  private long sums;
  private long dnll;
  private long dx;
  private long dw;
  private long dbias;

  @Override
  void allocate() {
    h = model.hiddenSize();
    x = operands.activation((long) tokens * h);
    w = operands.activation(h);
    bias = operands.floats(1);
    ids = operands.ints(wordIds(tokens));
    nll = operands.zeros((long) tokens * Float.BYTES);
    sums = operands.zeros(2L * Double.BYTES);
    dnll = operands.zeros((long) tokens * Float.BYTES);
    dx = operands.activation((long) tokens * h);
    dw = operands.zeros((long) h * Float.BYTES);
    dbias = operands.zeros(Float.BYTES);
  }

  /** Reads x, nll and two ids a row, writes dx and dnll: {@code t (2 h a + 16)} bytes. */
  @Benchmark
  public void forwardBackward(MemoryRates rates) {
    backend.copyLoss(sums, dnll, dx, dw, dbias, x, w, bias, nll, ids, ids, tokens, h, 1f / tokens);
    count(rates, tokens * (2.0 * h * operands.activationBytes() + 4 * Float.BYTES));
  }
}
