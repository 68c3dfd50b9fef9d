package org.electra4j.backend.reference;

import org.electra4j.backend.BackendException;

/** Softmax cross-entropy over a few classes. */
final class ClassLoss {
  private ClassLoss() {}

  static void run(
      Memory memory,
      Projection projection,
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long labels,
      int rows,
      int classes,
      float scale) {
    double[] zs = projection.logits;
    memory.putFloats(logits, zs);
    if (labels == 0) {
      return;
    }
    int[] targets = checked(memory.ints(labels, rows), classes);
    double[] total = new double[3];
    double[] dzs = new double[rows * classes];
    for (int row = 0; row < rows; row++) {
      if (targets[row] < 0) {
        continue;
      }
      int begin = row * classes;
      double logSum = Vectors.logSumExp(zs, begin, classes, 1);
      total[0] += logSum - zs[begin + targets[row]];
      total[1]++;
      total[2] += Vectors.argMax(zs, begin, classes) == targets[row] ? 1 : 0;
      for (int i = 0; i < classes; i++) {
        dzs[begin + i] = scale * (Math.exp(zs[begin + i] - logSum) - (i == targets[row] ? 1 : 0));
      }
    }
    memory.putDoubles(sums, total);
    projection.backward(dzs, dx, dw, dbias);
  }

  private static int[] checked(int[] labels, int classes) {
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] >= classes) {
        throw new BackendException(
            "Label %d of row %d is not in [0, %d).".formatted(labels[row], row, classes));
      }
    }
    return labels;
  }
}
