package org.electra4j.backend.reference;

/** The exact GELU {@code u Φ(u)}, Φ being the normal distribution function. */
final class Gelu {
  private Gelu() {}

  static double value(double u) {
    return u == Double.NEGATIVE_INFINITY ? 0 : u * normalCdf(u);
  }

  /** Returns {@code Φ(u) + u φ(u)}. */
  static double derivative(double u) {
    double density = Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
    return normalCdf(u) + (density == 0 ? 0 : u * density);
  }

  private static double normalCdf(double u) {
    return 0.5 * erfc(-u / Math.sqrt(2));
  }

  /**
   * Returns {@code 1 - erf(x)} to about 14 digits. Below 2 by the series of positive terms {@code
   * erf(x) = 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!}, above by the continued fraction of Laplace.
   */
  static double erfc(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < 0) {
      return 2 - erfc(-x);
    }
    if (x > 27) {
      return 0;
    }
    double gauss = Math.exp(-x * x) / Math.sqrt(Math.PI);
    if (x < 2) {
      double term = x;
      double sum = x;
      for (int n = 1; term > sum * 1e-17; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 1 - 2 * gauss * sum;
    }
    double denominator = x;
    for (int n = 60; n >= 1; n--) {
      denominator = x + 0.5 * n / denominator;
    }
    return gauss / denominator;
  }

  static void backward(Memory memory, long du, long dy, long u, long count) {
    double[] us = memory.activations(u, count);
    double[] dus = memory.activations(dy, count);
    for (int i = 0; i < dus.length; i++) {
      dus[i] *= derivative(us[i]);
    }
    memory.putActivations(du, dus);
  }
}
