package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Tied output projection over the whole vocabulary, for the 15 % of the tokens that are masked. */
public class LmHeadBench extends KernelBench {
  private static final int SERVED_ROWS = 8;

  private int m;
  private int v;
  private int e;
  private long x;
  private long table;
  private long bias;
  private long labels;
  private long nll;
  private long lse;
  private long sampled;
  private long predicted;
  private long dx;
  private long dtable;
  private long dbias;
  private long dnll;
  private long logits;

  @Override
  void allocate() {
    m = masked();
    v = model.vocabSize();
    e = model.embeddingSize();
    x = operands.activation((long) m * e);
    table = operands.activation((long) v * e);
    bias = operands.floats(v);
    labels = operands.ints(wordIds(m));
    nll = operands.zeros((long) m * Float.BYTES);
    lse = operands.zeros((long) m * Float.BYTES);
    sampled = operands.zeros((long) m * Integer.BYTES);
    predicted = operands.zeros((long) m * Integer.BYTES);
    dx = operands.activation((long) m * e);
    dtable = operands.zeros((long) v * e * Float.BYTES);
    dbias = operands.zeros((long) v * Float.BYTES);
    dnll = operands.floats(m);
    logits = operands.zeros((long) SERVED_ROWS * v * Float.BYTES);
    runForward();
  }

  private void runForward() {
    backend.lmHeadForward(
        nll, lse, sampled, predicted, x, table, bias, labels, m, v, e, 1, SEED, nextStep(), STREAM);
  }

  /** One product, with sampling: {@code 2 m v e} operations. */
  @Benchmark
  public void forward(ComputeRates rates) {
    runForward();
    count(rates, 2.0 * m * v * e);
  }

  /** Three products: logits again, dx, dtable. */
  @Benchmark
  public void backward(ComputeRates rates) {
    backend.lmHeadBackward(dx, dtable, dbias, x, table, bias, labels, lse, dnll, m, v, e);
    count(rates, 3 * 2.0 * m * v * e);
  }

  /**
   * Logits of eight rows, as a mask filler asks for: reads the table, {@code v (e a + 32)} bytes.
   */
  @Benchmark
  public void logits(MemoryRates rates) {
    int rows = Math.min(m, SERVED_ROWS);
    backend.lmHeadLogits(logits, x, table, bias, rows, v, e);
    count(rates, v * ((double) e * operands.activationBytes() + rows * Float.BYTES));
  }
}
