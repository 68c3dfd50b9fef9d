package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Dropout of 10 % on its own, at the width of the encoder. */
public class DropoutBench extends KernelBench {
  private long count;
  private long x;
  private long y;

  @Override
  void allocate() {
    count = (long) tokens * model.hiddenSize();
    x = operands.activation(count);
    y = operands.activation(count);
  }

  /** Reads x and writes y: {@code 2 t h a} bytes; backward is the same kernel. */
  @Benchmark
  public void forward(MemoryRates rates) {
    backend.dropout(y, x, count, DROPOUT, SEED, nextStep(), STREAM);
    count(rates, 2.0 * count * operands.activationBytes());
  }
}
