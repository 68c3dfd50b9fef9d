package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/**
 * The ceiling of everything that multiplies: a square product of 2,048 through the backend. {@code
 * size} and {@code tokens} change nothing.
 */
public class GemmCeilingBench extends KernelBench {
  private static final int N = 2048;

  private int n;
  private long x;
  private long w;
  private long y;

  @Override
  void allocate() {
    n = size.equals("tiny") ? N / 32 : N;
    x = operands.activation((long) n * n);
    w = operands.activation((long) n * n);
    y = operands.activation((long) n * n);
  }

  /** {@code 2 n³} operations. */
  @Benchmark
  public void squareProduct(ComputeRates rates) {
    backend.gemmForward(y, 0, x, w, 0, n, n, n, false);
    count(rates, 2.0 * n * n * n);
  }
}
