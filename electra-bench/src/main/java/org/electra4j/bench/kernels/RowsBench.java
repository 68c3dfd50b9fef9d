package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Gather and scatter of the 15 % of rows that are masked. */
public class RowsBench extends KernelBench {
  private int m;
  private int n;
  private long x;
  private long y;
  private long positions;

  @Override
  void allocate() {
    m = masked();
    n = model.hiddenSize();
    x = operands.activation((long) tokens * n);
    y = operands.activation((long) m * n);
    positions = operands.ints(rows(m));
  }

  /** Reads and writes m rows: {@code 2 m n a} bytes. */
  @Benchmark
  public void gather(MemoryRates rates) {
    backend.gatherRows(y, x, positions, tokens, m, n);
    count(rates, 2.0 * m * n * operands.activationBytes());
  }

  /** Reads m rows and writes t: {@code (m + t) n a} bytes. */
  @Benchmark
  public void scatter(MemoryRates rates) {
    backend.scatterRows(x, y, positions, tokens, m, n);
    count(rates, (double) (m + tokens) * n * operands.activationBytes());
  }
}
