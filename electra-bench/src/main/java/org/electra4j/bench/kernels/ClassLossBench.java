package org.electra4j.bench.kernels;

import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;

/** Loss over nine classes for every token, as named-entity recognition has it, and its gradient. */
public class ClassLossBench extends KernelBench {
  private static final int CLASSES = 9;

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
    w = operands.activation((long) CLASSES * h);
    bias = operands.floats(CLASSES);
    labels = operands.ints(new Random(3).ints(tokens, 0, CLASSES).toArray());
    sums = operands.zeros(3L * Double.BYTES);
    logits = operands.zeros((long) tokens * CLASSES * Float.BYTES);
    dx = operands.activation((long) tokens * h);
    dw = operands.zeros((long) CLASSES * h * Float.BYTES);
    dbias = operands.zeros((long) CLASSES * Float.BYTES);
  }

  /** Reads x and a label a row, writes dx and nine logits: {@code t (2 h a + 40)} bytes. */
  @Benchmark
  public void forwardBackward(MemoryRates rates) {
    backend.classLoss(
        sums, logits, dx, dw, dbias, x, w, bias, labels, tokens, CLASSES, h, 1f / tokens);
    count(rates, tokens * (2.0 * h * operands.activationBytes() + (1 + CLASSES) * Float.BYTES));
  }
}
