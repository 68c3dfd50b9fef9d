package org.electra4j.backend.reference;

/** Gathering rows, and its gradient. */
final class Rows {
  private Rows() {}

  static void gather(Memory memory, long y, long x, int[] positions, int t, int n) {
    double[] xs = memory.activations(x, (long) t * n);
    double[] ys = new double[positions.length * n];
    for (int slot = 0; slot < positions.length; slot++) {
      System.arraycopy(xs, positions[slot] * n, ys, slot * n, n);
    }
    memory.putActivations(y, ys);
  }

  static void scatter(Memory memory, long dx, long dy, int[] positions, int t, int n) {
    double[] dys = memory.activations(dy, (long) positions.length * n);
    double[] dxs = new double[t * n];
    for (int slot = 0; slot < positions.length; slot++) {
      Vectors.addScaled(1, dys, slot * n, dxs, positions[slot] * n, n);
    }
    memory.putActivations(dx, dxs);
  }
}
