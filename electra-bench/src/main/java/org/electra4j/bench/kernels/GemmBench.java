package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Products with a weight matrix: {@code 2 t n k} operations each. */
public class GemmBench extends KernelBench {
  /** The products of an encoder layer. */
  public enum Product {
    QKV,
    ATTENTION_OUTPUT,
    INTERMEDIATE_GELU,
    OUTPUT
  }

  @Param Product product;

  private int n;
  private int k;
  private boolean gelu;
  private long x;
  private long w;
  private long bias;
  private long y;
  private long u;
  private long dw;
  private long dbias;

  @Override
  void allocate() {
    int h = model.hiddenSize();
    n =
        switch (product) {
          case QKV -> 3 * h;
          case INTERMEDIATE_GELU -> model.intermediateSize();
          case ATTENTION_OUTPUT, OUTPUT -> h;
        };
    k = product == Product.OUTPUT ? model.intermediateSize() : h;
    gelu = product == Product.INTERMEDIATE_GELU;
    x = operands.activation((long) tokens * k);
    w = operands.activation((long) n * k);
    bias = operands.floats(n);
    y = operands.activation((long) tokens * n);
    u = operands.activation((long) tokens * n);
    dw = operands.zeros((long) n * k * Float.BYTES);
    dbias = operands.zeros((long) n * Float.BYTES);
  }

  private double flops() {
    return 2.0 * tokens * n * k;
  }

  @Benchmark
  public void forward(ComputeRates rates) {
    backend.gemmForward(y, gelu ? u : 0, x, w, bias, tokens, n, k, gelu);
    count(rates, flops());
  }

  @Benchmark
  public void backwardInput(ComputeRates rates) {
    backend.gemmBackwardInput(x, y, w, 0, tokens, n, k, false);
    count(rates, flops());
  }

  @Benchmark
  public void backwardWeight(ComputeRates rates) {
    backend.gemmBackwardWeight(dw, dbias, y, x, tokens, n, k);
    count(rates, flops());
  }
}
