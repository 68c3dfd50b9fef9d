package org.electra4j.backend.reference;

/**
 * LayerNorm over the last dimension of {@code (t, n)}: forward values with the statistics, and
 * backward.
 */
final class LayerNorm {
  final double[] y;
  final double[] mean;
  final double[] rstd;

  LayerNorm(double[] x, double[] gamma, double[] beta, int t, int n, float eps) {
    y = new double[t * n];
    mean = new double[t];
    rstd = new double[t];
    for (int row = 0; row < t; row++) {
      int begin = row * n;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += x[begin + i];
      }
      mean[row] = sum / n;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double centred = x[begin + i] - mean[row];
        squares += centred * centred;
      }
      rstd[row] = 1 / Math.sqrt(squares / n + eps);
      for (int i = 0; i < n; i++) {
        y[begin + i] = (x[begin + i] - mean[row]) * rstd[row] * gamma[i] + beta[i];
      }
    }
  }

  /**
   * Returns {@code dx = rstd (g - mean(g) - x̂ mean(g x̂))} with {@code g = dy gamma} and {@code x̂
   * = (x - mean) rstd}; adds to dgamma and dbeta.
   */
  static double[] backward(
      double[] dy,
      double[] x,
      double[] mean,
      double[] rstd,
      double[] gamma,
      double[] dgamma,
      double[] dbeta) {
    int n = gamma.length;
    double[] dx = new double[dy.length];
    for (int row = 0; row < mean.length; row++) {
      int begin = row * n;
      double sum = 0;
      double projected = 0;
      for (int i = 0; i < n; i++) {
        double normalized = (x[begin + i] - mean[row]) * rstd[row];
        double g = dy[begin + i] * gamma[i];
        sum += g;
        projected += g * normalized;
        dgamma[i] += dy[begin + i] * normalized;
        dbeta[i] += dy[begin + i];
      }
      for (int i = 0; i < n; i++) {
        double normalized = (x[begin + i] - mean[row]) * rstd[row];
        double g = dy[begin + i] * gamma[i];
        dx[begin + i] = rstd[row] * (g - sum / n - normalized * projected / n);
      }
    }
    return dx;
  }
}
