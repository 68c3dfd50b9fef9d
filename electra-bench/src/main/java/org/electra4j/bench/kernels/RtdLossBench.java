package org.electra4j.bench.kernels;

import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;

/** Replaced-token loss and its gradient in one pass, at the width of the encoder. */
public class RtdLossBench extends KernelBench {
  private int h;
  private long x;
  private long w;
  private long bias;
  private long labels;
  private long sums;
  private long logits;
  private long dx;
  private long dw;
  private long dbias;

  @Override
  void allocate() {
    h = model.hiddenSize();
    x = operands.activation((long) tokens * h);
    w = operands.activation(h);
    bias = operands.floats(1);
    labels = operands.ints(new Random(3).ints(tokens, 0, 2).toArray());
    sums = operands.zeros(6L * Double.BYTES);
    logits = operands.zeros((long) tokens * Float.BYTES);
    dx = operands.activation((long) tokens * h);
    dw = operands.zeros((long) h * Float.BYTES);
    dbias = operands.zeros(Float.BYTES);
  }

  /** Reads x and a label a row, writes dx and a logit: {@code t (2 h a + 8)} bytes. */
  @Benchmark
  public void forwardBackward(MemoryRates rates) {
    backend.rtdLoss(sums, logits, dx, dw, dbias, x, w, bias, labels, tokens, h, 1f / tokens);
    count(rates, tokens * (2.0 * h * operands.activationBytes() + 2 * Float.BYTES));
  }
}
