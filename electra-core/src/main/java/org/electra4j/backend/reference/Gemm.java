package org.electra4j.backend.reference;

/** Products with weight matrices; those of bf16 numbers in fixed point. */
final class Gemm {
  private Gemm() {}

  static void forward(
      Memory memory, long y, long u, long x, long w, long bias, int t, int n, int k, boolean gelu) {
    double[] xs = memory.activations(x, (long) t * k);
    double[] ws = memory.activations(w, (long) n * k);
    if (memory.isBf16()) {
      FixedPoint.roundRows(xs, t, k);
      FixedPoint.roundRows(ws, n, k);
    }
    double[] biases = bias == 0 ? new double[n] : memory.floats(bias, n);
    double[] us = new double[t * n];
    double[] ys = new double[t * n];
    for (int row = 0; row < t; row++) {
      for (int column = 0; column < n; column++) {
        int i = row * n + column;
        us[i] = Vectors.dot(xs, row * k, ws, column * k, k) + biases[column];
        ys[i] = gelu ? Gelu.value(us[i]) : us[i];
      }
    }
    memory.putActivations(y, ys);
    if (u != 0) {
      memory.putActivations(u, us);
    }
  }

  static void backwardInput(
      Memory memory, long dx, long dy, long w, long u, int t, int n, int k, boolean accumulate) {
    double[] dys = memory.activations(dy, (long) t * n);
    double[] ws = memory.activations(w, (long) n * k);
    if (memory.isBf16()) {
      FixedPoint.roundRows(dys, t, n);
      FixedPoint.roundColumns(ws, n, k, n);
    }
    double[] dxs = new double[t * k];
    for (int row = 0; row < t; row++) {
      for (int column = 0; column < n; column++) {
        Vectors.addScaled(dys[row * n + column], ws, column * k, dxs, row * k, k);
      }
    }
    if (u != 0) {
      double[] us = memory.activations(u, (long) t * k);
      for (int i = 0; i < dxs.length; i++) {
        dxs[i] *= Gelu.derivative(us[i]);
      }
    }
    if (accumulate) {
      Vectors.addScaled(1, memory.activations(dx, (long) t * k), 0, dxs, 0, t * k);
    }
    memory.putActivations(dx, dxs);
  }

  static void backwardWeight(
      Memory memory, long dw, long dbias, long dy, long x, int t, int n, int k) {
    double[] dys = memory.activations(dy, (long) t * n);
    double[] xs = memory.activations(x, (long) t * k);
    if (dbias != 0) {
      double[] dbiases = new double[n];
      for (int row = 0; row < t; row++) {
        Vectors.addScaled(1, dys, row * n, dbiases, 0, n);
      }
      memory.addFloats(dbias, dbiases);
    }
    if (memory.isBf16()) {
      FixedPoint.roundColumns(dys, t, n, FixedPoint.TOKENS);
      FixedPoint.roundColumns(xs, t, k, FixedPoint.TOKENS);
    }
    double[] dws = new double[n * k];
    for (int row = 0; row < t; row++) {
      for (int column = 0; column < n; column++) {
        Vectors.addScaled(dys[row * n + column], xs, row * k, dws, column * k, k);
      }
    }
    memory.addFloats(dw, dws);
  }
}
