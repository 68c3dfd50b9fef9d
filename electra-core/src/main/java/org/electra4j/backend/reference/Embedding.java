package org.electra4j.backend.reference;

import java.util.Map;
import java.util.TreeMap;
import org.electra4j.backend.BackendException;

/** The shared embedding: three tables, LayerNorm, dropout. */
final class Embedding {
  private final Memory memory;
  private final int e;
  private final int[] ids;
  private final int[] types;
  private final int[] positions;

  Embedding(
      Memory memory,
      long ids,
      long types,
      long positions,
      int t,
      int e,
      int vocab,
      int maxPositions,
      int typeVocab) {
    this.memory = memory;
    this.e = e;
    this.ids = checked(memory.ints(ids, t), "Token id", vocab);
    this.types = checked(memory.ints(types, t), "Token type", typeVocab);
    this.positions = checked(memory.ints(positions, t), "Position", maxPositions);
  }

  private static int[] checked(int[] indices, String what, int size) {
    for (int row = 0; row < indices.length; row++) {
      if (indices[row] < 0 || indices[row] >= size) {
        throw new BackendException(
            "%s %d of token %d is not in [0, %d).".formatted(what, indices[row], row, size));
      }
    }
    return indices;
  }

  private double[] sums(long word, long position, long type) {
    double[] sums = new double[ids.length * e];
    int width = memory.activationBytes() * e;
    for (int row = 0; row < ids.length; row++) {
      double[] ofWord = memory.activations(word + (long) ids[row] * width, e);
      double[] ofPosition = memory.activations(position + (long) positions[row] * width, e);
      double[] ofType = memory.activations(type + (long) types[row] * width, e);
      for (int i = 0; i < e; i++) {
        sums[row * e + i] = ofWord[i] + ofPosition[i] + ofType[i];
      }
    }
    return sums;
  }

  void forward(
      long y,
      long mean,
      long rstd,
      long word,
      long position,
      long type,
      long gamma,
      long beta,
      float eps,
      Dropout dropout) {
    double[] sums = sums(word, position, type);
    LayerNorm norm =
        new LayerNorm(sums, memory.floats(gamma, e), memory.floats(beta, e), ids.length, e, eps);
    for (int i = 0; i < norm.y.length; i++) {
      norm.y[i] *= dropout.factor(i);
    }
    memory.putActivations(y, norm.y);
    if (mean != 0) {
      memory.putFloats(mean, norm.mean);
      memory.putFloats(rstd, norm.rstd);
    }
  }

  void backward(
      long dword,
      long dposition,
      long dtype,
      long dgamma,
      long dbeta,
      long dsum,
      long dy,
      long mean,
      long rstd,
      long word,
      long position,
      long type,
      long gamma,
      Dropout dropout) {
    int t = ids.length;
    double[] dys = memory.activations(dy, (long) t * e);
    for (int i = 0; i < dys.length; i++) {
      dys[i] *= dropout.factor(i);
    }
    double[] dgammas = new double[e];
    double[] dbetas = new double[e];
    double[] dsums =
        LayerNorm.backward(
            dys,
            sums(word, position, type),
            memory.floats(mean, t),
            memory.floats(rstd, t),
            memory.floats(gamma, e),
            dgammas,
            dbetas);
    memory.putFloats(dsum, dsums);
    memory.addFloats(dgamma, dgammas);
    memory.addFloats(dbeta, dbetas);
    addRows(dword, ids, dsums);
    addRows(dposition, positions, dsums);
    addRows(dtype, types, dsums);
  }

  private void addRows(long table, int[] indices, double[] dsums) {
    Map<Integer, double[]> rows = new TreeMap<>();
    for (int row = 0; row < indices.length; row++) {
      double[] sum = rows.computeIfAbsent(indices[row], index -> new double[e]);
      Vectors.addScaled(1, dsums, row * e, sum, 0, e);
    }
    rows.forEach((index, sum) -> memory.addFloats(table + (long) index * e * Float.BYTES, sum));
  }
}
