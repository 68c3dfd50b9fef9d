package org.electra4j.backend.reference;

/** The loss of replaced-token detection. */
final class RtdLoss {
  private RtdLoss() {}

  static void run(
      Memory memory,
      Projection projection,
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long labels,
      int t,
      float scale) {
    double[] zs = projection.logits;
    memory.putFloats(logits, zs);
    if (labels == 0) {
      return;
    }
    int[] targets = memory.ints(labels, t);
    double[] total = new double[6];
    double[] dzs = new double[t];
    for (int row = 0; row < t; row++) {
      if (targets[row] < 0) {
        continue;
      }
      double z = zs[row];
      boolean replaced = targets[row] == 1;
      total[0] += Math.max(z, 0) - (replaced ? z : 0) + Math.log1p(Math.exp(-Math.abs(z)));
      total[1]++;
      total[z > 0 ? (replaced ? 2 : 3) : (replaced ? 4 : 5)]++;
      dzs[row] = scale * (Vectors.sigmoid(z) - (replaced ? 1 : 0));
    }
    memory.putDoubles(sums, total);
    projection.backward(dzs, dx, dw, dbias);
  }
}
