package org.electra4j.backend.reference;

/**
 * Self-attention of every head within each sequence; of bf16 numbers the scores, the context and
 * the gradients of the probabilities in fixed point.
 */
final class Attention {
  private final Memory memory;
  private final double[] qkv;

  /** The same as operands of the products that sum over d, and of the context. */
  private final double[] operands;

  private final int[] cuSeqlens;
  private final int t;
  private final int n;
  private final int d;
  private final double scale;
  private final int dropoutStride;
  private final Dropout dropout;

  Attention(
      Memory memory,
      long qkv,
      long cuSeqlens,
      int b,
      int t,
      int n,
      int d,
      int dropoutStride,
      Dropout dropout) {
    this.memory = memory;
    this.qkv = memory.activations(qkv, 3L * t * n * d);
    this.cuSeqlens = memory.ints(cuSeqlens, b + 1L);
    this.t = t;
    this.n = n;
    this.d = d;
    this.scale = 1 / Math.sqrt(d);
    this.dropoutStride = dropoutStride;
    this.dropout = dropout;
    this.operands = memory.isBf16() ? this.qkv.clone() : this.qkv;
    if (memory.isBf16()) {
      roundParts(0, 1);
    }
  }

  /** Rounds what every row and head has of the queries, keys or values. */
  private void roundParts(int... parts) {
    for (int row = 0; row < t; row++) {
      for (int head = 0; head < n; head++) {
        for (int part : parts) {
          FixedPoint.round(operands, at(part, row, head), 1, d);
        }
      }
    }
  }

  /** Rounds the values of each sequence, which the context sums over its keys. */
  private void roundValuesByColumn() {
    for (int sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
      int begin = cuSeqlens[sequence];
      for (int i = 0; i < n * d && begin < cuSeqlens[sequence + 1]; i++) {
        FixedPoint.round(operands, at(2, begin, 0) + i, 3 * n * d, cuSeqlens[sequence + 1] - begin);
      }
    }
  }

  /** Returns where the vector of a row and a head begins; part 0 is query, 1 key, 2 value. */
  private int at(int part, int row, int head) {
    return (row * 3 + part) * n * d + head * d;
  }

  private double score(int row, int key, int head) {
    return scale * Vectors.dot(operands, at(0, row, head), operands, at(1, key, head), d);
  }

  private double factor(int row, int head, int keyInSequence) {
    return dropout.factor(((long) row * n + head) * dropoutStride + keyInSequence);
  }

  void forward(long context, long lse) {
    if (memory.isBf16()) {
      roundValuesByColumn();
    }
    double[] contexts = new double[t * n * d];
    double[] lses = new double[n * t];
    for (int sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
      for (int row = cuSeqlens[sequence]; row < cuSeqlens[sequence + 1]; row++) {
        for (int head = 0; head < n; head++) {
          lses[head * t + row] = forwardRow(contexts, sequence, row, head);
        }
      }
    }
    memory.putActivations(context, contexts);
    if (lse != 0) {
      memory.putFloats(lse, lses);
    }
  }

  private double forwardRow(double[] contexts, int sequence, int row, int head) {
    int begin = cuSeqlens[sequence];
    int length = cuSeqlens[sequence + 1] - begin;
    double[] scores = new double[length];
    double max = Double.NEGATIVE_INFINITY;
    for (int key = 0; key < length; key++) {
      scores[key] = score(row, begin + key, head);
      max = Math.max(max, scores[key]);
    }
    double sum = 0;
    int out = (row * n + head) * d;
    for (int key = 0; key < length; key++) {
      double exponential = Math.exp(scores[key] - max);
      sum += exponential;
      double weight = memory.rounded(exponential * factor(row, head, key));
      Vectors.addScaled(weight, operands, at(2, begin + key, head), contexts, out, d);
    }
    for (int i = 0; i < d; i++) {
      contexts[out + i] /= sum;
    }
    return max + Math.log(sum);
  }

  void backward(long dqkv, long dcontext, long context, long lse) {
    double[] dcontexts = memory.activations(dcontext, (long) t * n * d);
    double[] contexts = memory.activations(context, (long) t * n * d);
    double[] lses = memory.floats(lse, (long) n * t);
    double[] dcontextOperands = memory.isBf16() ? dcontexts.clone() : dcontexts;
    if (memory.isBf16()) {
      roundParts(2);
      FixedPoint.roundRows(dcontextOperands, t * n, d);
    }
    double[] gradient = new double[3 * t * n * d];
    for (int sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
      for (int row = cuSeqlens[sequence]; row < cuSeqlens[sequence + 1]; row++) {
        for (int head = 0; head < n; head++) {
          int out = (row * n + head) * d;
          double projected = Vectors.dot(dcontexts, out, contexts, out, d);
          double logSum = lses[head * t + row];
          backwardRow(
              gradient, dcontexts, dcontextOperands, projected, logSum, sequence, row, head);
        }
      }
    }
    memory.putActivations(dqkv, gradient);
  }

  /**
   * With {@code P} the probabilities, {@code dS = P (dP - Σ P dP)}; the sum is {@code dcontext ·
   * context}.
   */
  private void backwardRow(
      double[] gradient,
      double[] dcontexts,
      double[] dcontextOperands,
      double projected,
      double logSum,
      int sequence,
      int row,
      int head) {
    int begin = cuSeqlens[sequence];
    int out = (row * n + head) * d;
    for (int key = begin; key < cuSeqlens[sequence + 1]; key++) {
      double probability = Math.exp(score(row, key, head) - logSum);
      double factor = factor(row, head, key - begin);
      double dprobability =
          factor * Vectors.dot(dcontextOperands, out, operands, at(2, key, head), d);
      double dscore = memory.rounded(probability * (dprobability - projected)) * scale;
      double weight = memory.rounded(probability * factor);
      Vectors.addScaled(dscore, qkv, at(1, key, head), gradient, at(0, row, head), d);
      Vectors.addScaled(dscore, qkv, at(0, row, head), gradient, at(1, key, head), d);
      Vectors.addScaled(weight, dcontexts, out, gradient, at(2, key, head), d);
    }
  }
}
