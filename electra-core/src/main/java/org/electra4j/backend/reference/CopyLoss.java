package org.electra4j.backend.reference;

/** The copy mechanism of All-Tokens MLM, in logarithms so that no probability underflows. */
final class CopyLoss {
  private CopyLoss() {}

  static void run(
      Memory memory,
      Projection projection,
      long sums,
      long dnll,
      long dx,
      long dw,
      long dbias,
      long nll,
      long inputs,
      long labels,
      int rows,
      float scale) {
    double[] zs = projection.logits;
    double[] nlls = memory.floats(nll, rows);
    int[] shown = memory.ints(inputs, rows);
    int[] targets = memory.ints(labels, rows);
    double[] dnlls = new double[rows];
    double[] dzs = new double[rows];
    double loss = 0;
    for (int row = 0; row < rows; row++) {
      double logCopy = -Vectors.softplus(-zs[row]);
      double logGenerate = -Vectors.softplus(zs[row]) - nlls[row];
      if (shown[row] != targets[row]) {
        loss -= logGenerate;
        dnlls[row] = scale;
        dzs[row] = scale * Vectors.sigmoid(zs[row]);
        continue;
      }
      double logQ = Vectors.logSumExp(new double[] {logCopy, logGenerate}, 0, 2, 1);
      loss -= logQ;
      dnlls[row] = scale * Math.exp(logGenerate - logQ);
      // c (1 - c) (1 - p) / q; 1 - p by expm1, because p is near 1 where the model is sure
      double notGenerated = -Math.expm1(-nlls[row]);
      dzs[row] = -scale * Math.exp(logCopy - logQ) * Vectors.sigmoid(-zs[row]) * notGenerated;
    }
    memory.putDoubles(sums, loss, rows);
    memory.putFloats(dnll, dnlls);
    projection.backward(dzs, dx, dw, dbias);
  }
}
