package org.electra4j.backend.reference;

import org.electra4j.backend.BackendException;
import org.electra4j.backend.Philox;

/** The tied output projection, its cross-entropy and exact sampling; bf16 logits in fixed point. */
final class LmHead {
  private final Memory memory;
  private final double[] xs;
  private final double[] tables;

  /** The same two as operands of the logits. */
  private final double[] xOperands;

  private final double[] tableOperands;
  private final double[] biases;
  private final int m;
  private final int v;
  private final int e;

  LmHead(Memory memory, long x, long table, long bias, int m, int v, int e) {
    this.memory = memory;
    this.xs = memory.activations(x, (long) m * e);
    this.tables = memory.activations(table, (long) v * e);
    this.biases = memory.floats(bias, v);
    this.m = m;
    this.v = v;
    this.e = e;
    this.xOperands = memory.isBf16() ? xs.clone() : xs;
    this.tableOperands = memory.isBf16() ? tables.clone() : tables;
    if (memory.isBf16()) {
      FixedPoint.roundRows(xOperands, m, e);
      FixedPoint.roundRows(tableOperands, v, e);
    }
  }

  private double[] logits(int row) {
    double[] logits = new double[v];
    for (int id = 0; id < v; id++) {
      logits[id] = Vectors.dot(xOperands, row * e, tableOperands, id * e, e) + biases[id];
    }
    return logits;
  }

  private int[] labels(long address) {
    int[] labels = memory.ints(address, m);
    for (int row = 0; row < m; row++) {
      if (labels[row] < 0 || labels[row] >= v) {
        throw new BackendException(
            "Label %d of row %d is not in [0, %d).".formatted(labels[row], row, v));
      }
    }
    return labels;
  }

  void forward(
      long nll,
      long lse,
      long sampled,
      long predicted,
      long labels,
      float temperature,
      long seed,
      long step,
      int stream) {
    int[] targets = labels(labels);
    double[] nlls = new double[m];
    double[] lses = new double[m];
    int[] samples = new int[m];
    int[] predictions = new int[m];
    for (int row = 0; row < m; row++) {
      double[] logits = logits(row);
      lses[row] = Vectors.logSumExp(logits, 0, v, 1);
      nlls[row] = lses[row] - logits[targets[row]];
      predictions[row] = Vectors.argMax(logits, 0, v);
      if (sampled != 0) {
        samples[row] = sample(logits, temperature, Philox.uniform(seed, stream, step, row));
      }
    }
    memory.putFloats(nll, nlls);
    memory.putFloats(lse, lses);
    if (sampled != 0) {
      memory.putInts(sampled, samples);
    }
    if (predicted != 0) {
      memory.putInts(predicted, predictions);
    }
  }

  /** Returns the first id whose cumulative probability exceeds {@code uniform}. */
  private int sample(double[] logits, float temperature, double uniform) {
    double[] scaled = new double[v];
    for (int id = 0; id < v; id++) {
      scaled[id] = logits[id] / temperature;
    }
    double logSum = Vectors.logSumExp(scaled, 0, v, 1);
    double cumulative = 0;
    int lastPossible = 0;
    for (int id = 0; id < v; id++) {
      double probability = Math.exp(scaled[id] - logSum);
      cumulative += probability;
      if (cumulative > uniform) {
        return id;
      }
      lastPossible = probability > 0 ? id : lastPossible;
    }
    return lastPossible;
  }

  void backward(long dx, long dtable, long dbias, long labels, long lse, long dnll) {
    int[] targets = labels(labels);
    double[] lses = memory.floats(lse, m);
    double[] dnlls = memory.floats(dnll, m);
    double[] dxs = new double[m * e];
    double[] dtables = new double[v * e];
    double[] dbiases = new double[v];
    for (int row = 0; row < m; row++) {
      double[] logits = logits(row);
      for (int id = 0; id < v; id++) {
        double probability = Math.exp(logits[id] - lses[row]);
        double dlogit = dnlls[row] * (probability - (id == targets[row] ? 1 : 0));
        dbiases[id] += dlogit;
        double operand = memory.rounded(dlogit);
        Vectors.addScaled(operand, tables, id * e, dxs, row * e, e);
        Vectors.addScaled(operand, xs, row * e, dtables, id * e, e);
      }
    }
    memory.putActivations(dx, dxs);
    memory.addFloats(dtable, dtables);
    memory.addFloats(dbias, dbiases);
  }

  void putLogits(long target) {
    for (int row = 0; row < m; row++) {
      memory.putFloats(target + (long) row * v * Float.BYTES, logits(row));
    }
  }
}
