package org.electra4j.backend.reference;

/** A projection to a few units: {@code logits = x wᵀ + bias}, shared by the losses. */
final class Projection {
  /** (rows, units). */
  final double[] logits;

  private final Memory memory;
  private final double[] xs;
  private final double[] ws;
  private final int rows;
  private final int units;
  private final int h;

  Projection(Memory memory, long x, long w, long bias, int rows, int units, int h) {
    this.memory = memory;
    this.rows = rows;
    this.units = units;
    this.h = h;
    xs = memory.activations(x, (long) rows * h);
    ws = memory.activations(w, (long) units * h);
    double[] biases = memory.floats(bias, units);
    logits = new double[rows * units];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Vectors.dot(xs, i / units * h, ws, i % units * h, h) + biases[i % units];
    }
  }

  /** Overwrites dx and adds to dw and dbias, unless dx is null. */
  void backward(double[] dlogits, long dx, long dw, long dbias) {
    if (dx == 0) {
      return;
    }
    double[] dxs = new double[rows * h];
    double[] dws = new double[units * h];
    double[] dbiases = new double[units];
    for (int i = 0; i < dlogits.length; i++) {
      Vectors.addScaled(dlogits[i], ws, i % units * h, dxs, i / units * h, h);
      Vectors.addScaled(dlogits[i], xs, i / units * h, dws, i % units * h, h);
      dbiases[i % units] += dlogits[i];
    }
    memory.putActivations(dx, dxs);
    memory.addFloats(dw, dws);
    memory.addFloats(dbias, dbiases);
  }
}
