package org.electra4j.backend.reference;

/** Loops over stretches of arrays. */
final class Vectors {
  private Vectors() {}

  /** Returns {@code Σ x[xBegin + i] y[yBegin + i]} over {@code n} elements. */
  static double dot(double[] x, int xBegin, double[] y, int yBegin, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[xBegin + i] * y[yBegin + i];
    }
    return sum;
  }

  /** Adds {@code scale x} to {@code y}. */
  static void addScaled(double scale, double[] x, int xBegin, double[] y, int yBegin, int n) {
    for (int i = 0; i < n; i++) {
      y[yBegin + i] += scale * x[xBegin + i];
    }
  }

  /** Returns {@code log Σ exp(x[begin + i * stride])} over {@code n} elements. */
  static double logSumExp(double[] x, int begin, int n, int stride) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[begin + i * stride]);
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.exp(x[begin + i * stride] - max);
    }
    return max + Math.log(sum);
  }

  /** Returns the index of the largest of {@code n} elements, the lowest on ties. */
  static int argMax(double[] x, int begin, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
      if (x[begin + i] > x[begin + best]) {
        best = i;
      }
    }
    return best;
  }

  /** Returns {@code log(1 + exp(z))}. */
  static double softplus(double z) {
    return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }

  /** Returns {@code 1 / (1 + exp(-z))}. */
  static double sigmoid(double z) {
    return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
  }
}
