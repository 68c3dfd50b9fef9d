package org.electra4j.nn;

/** The standard normal distribution. */
final class NormalDistribution {
  private NormalDistribution() {}

  /**
   * Returns x with P(X ≤ x) = p, for 0.01 ≤ p ≤ 0.99. Newton steps on the distribution function,
   * which is summed as its Taylor series; the error is a few units in the last place of a double.
   */
  static double quantile(double p) {
    double target = p - 0.5;
    double x = target * 2.5066282746310002; // sqrt(2 pi): the slope at 0
    for (int i = 0; i < 30; i++) {
      double density = Math.exp(-0.5 * x * x) * 0.3989422804014327;
      double step = (centralProbability(x) - target) / density;
      // Newton overshoots far out where the density is small: half of a large step is enough.
      x -= Math.abs(step) > 1 ? Math.signum(step) : step;
      if (Math.abs(step) < 1e-14) {
        break;
      }
    }
    return x;
  }

  /** Returns P(0 < X < x), negative for negative x: {@code φ(x) (x + x³/3 + x⁵/15 + …)}. */
  private static double centralProbability(double x) {
    double term = x;
    double sum = x;
    for (int k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
      term *= x * x / k;
      sum += term;
    }
    return sum * Math.exp(-0.5 * x * x) * 0.3989422804014327;
  }
}
