package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Bias, dropout of 10 %, residual and LayerNorm at the width of the encoder. */
public class ResidualNormBench extends KernelBench {
  private int n;
  private long x;
  private long residual;
  private long bias;
  private long gamma;
  private long beta;
  private long y;
  private long h;
  private long mean;
  private long rstd;
  private long gradients;

  @Override
  void allocate() {
    n = model.hiddenSize();
    long elements = (long) tokens * n;
    x = operands.activation(elements);
    residual = operands.activation(elements);
    bias = operands.floats(n);
    gamma = operands.floats(n);
    beta = operands.floats(n);
    y = operands.activation(elements);
    h = operands.activation(elements);
    mean = operands.zeros((long) tokens * Float.BYTES);
    rstd = operands.zeros((long) tokens * Float.BYTES);
    gradients = operands.zeros(3L * n * Float.BYTES);
    runForward();
  }

  private void runForward() {
    backend.residualNormForward(
        y, h, mean, rstd, x, bias, residual, gamma, beta, tokens, n, EPS, DROPOUT, SEED, 0, STREAM);
  }

  /** Four activations and two fp32 numbers a row: {@code t (4 n a + 8)} bytes in each direction. */
  private double bytes() {
    return tokens * (4.0 * n * operands.activationBytes() + 2 * Float.BYTES);
  }

  /** Reads x and residual, writes h, y, mean and rstd. */
  @Benchmark
  public void forward(MemoryRates rates) {
    runForward();
    count(rates, bytes());
  }

  /** Reads dy, h, mean and rstd, writes dx and dresidual. */
  @Benchmark
  public void backward(MemoryRates rates) {
    long dgamma = gradients + (long) n * Float.BYTES;
    long dbeta = dgamma + (long) n * Float.BYTES;
    backend.residualNormBackward(
        x, residual, gradients, dgamma, dbeta, y, h, mean, rstd, gamma, tokens, n, DROPOUT, SEED, 0,
        STREAM);
    count(rates, bytes());
  }
}
