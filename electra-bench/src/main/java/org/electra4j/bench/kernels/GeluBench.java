package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Gradient of GELU on its own, at the width of the feed-forward network. */
public class GeluBench extends KernelBench {
  private long count;
  private long u;
  private long dy;
  private long du;

  @Override
  void allocate() {
    count = (long) tokens * model.intermediateSize();
    u = operands.activation(count);
    dy = operands.activation(count);
    du = operands.activation(count);
  }

  /** Reads dy and u, writes du: {@code 3 t i a} bytes, a those of an activation. */
  @Benchmark
  public void backward(MemoryRates rates) {
    backend.geluBackward(du, dy, u, count);
    count(rates, 3.0 * count * operands.activationBytes());
  }
}
