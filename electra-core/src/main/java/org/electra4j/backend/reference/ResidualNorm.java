package org.electra4j.backend.reference;

/** The end of a sub-layer: bias, dropout, residual, LayerNorm. */
final class ResidualNorm {
  private ResidualNorm() {}

  static void forward(
      Memory memory,
      long y,
      long h,
      long mean,
      long rstd,
      long x,
      long bias,
      long residual,
      long gamma,
      long beta,
      int t,
      int n,
      float eps,
      Dropout dropout) {
    double[] hs = memory.activations(x, (long) t * n);
    double[] biases = bias == 0 ? new double[n] : memory.floats(bias, n);
    double[] residuals =
        residual == 0 ? new double[t * n] : memory.activations(residual, (long) t * n);
    for (int i = 0; i < hs.length; i++) {
      hs[i] = memory.rounded((hs[i] + biases[i % n]) * dropout.factor(i) + residuals[i]);
    }
    LayerNorm norm = new LayerNorm(hs, memory.floats(gamma, n), memory.floats(beta, n), t, n, eps);
    if (h != 0) {
      memory.putActivations(h, hs);
    }
    if (mean != 0) {
      memory.putFloats(mean, norm.mean);
      memory.putFloats(rstd, norm.rstd);
    }
    memory.putActivations(y, norm.y);
  }

  static void backward(
      Memory memory,
      long dx,
      long dresidual,
      long dbias,
      long dgamma,
      long dbeta,
      long dy,
      long h,
      long mean,
      long rstd,
      long gamma,
      int t,
      int n,
      Dropout dropout) {
    double[] dgammas = new double[n];
    double[] dbetas = new double[n];
    double[] dhs =
        LayerNorm.backward(
            memory.activations(dy, (long) t * n),
            memory.activations(h, (long) t * n),
            memory.floats(mean, t),
            memory.floats(rstd, t),
            memory.floats(gamma, n),
            dgammas,
            dbetas);
    memory.addFloats(dgamma, dgammas);
    memory.addFloats(dbeta, dbetas);
    if (dresidual != 0) {
      memory.putActivations(dresidual, dhs);
    }
    double[] dbiases = new double[n];
    for (int i = 0; i < dhs.length; i++) {
      dhs[i] *= dropout.factor(i);
      dbiases[i % n] += dhs[i];
    }
    memory.putActivations(dx, dhs);
    if (dbias != 0) {
      memory.addFloats(dbias, dbiases);
    }
  }
}
