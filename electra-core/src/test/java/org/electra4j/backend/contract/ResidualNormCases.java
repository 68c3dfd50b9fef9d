package org.electra4j.backend.contract;

/** Cases of the residual norm. */
final class ResidualNormCases {
  static final long SEED = -17;
  static final long STEP = 99;
  static final int STREAM = 72;
  static final float EPS = 1e-12f;

  /**
   * Which arrays take part.
   *
   * @param p dropout probability
   * @param bias whether there is a bias
   * @param residual whether there is a residual
   * @param alias whether h is x, or dx is dy
   * @param keep whether h and the statistics are kept
   */
  record Options(float p, boolean bias, boolean residual, boolean alias, boolean keep) {
    static Options full(float p) {
      return new Options(p, true, true, false, true);
    }

    static Options plain() {
      return new Options(0, false, false, false, true);
    }

    Options inPlace() {
      return new Options(p, bias, residual, true, keep);
    }

    Options nothingKept() {
      return new Options(p, bias, residual, alias, false);
    }
  }

  private ResidualNormCases() {}

  static KernelCase forward(int t, int n, Options options) {
    Values values = new Values(t * 31L + n);
    KernelCase kernel =
        new KernelCase(n)
            .floats("gamma", values.shifted(n, 1, 0.2))
            .floats("beta", values.normal(n, 0.3))
            .overwrittenActivation("y", t * n);
    float[] x = values.normal(t * n, 1);
    if (options.alias()) {
      kernel.updatedActivation("h", x);
    } else {
      kernel.activation("x", x);
      if (options.keep()) {
        kernel.overwrittenActivation("h", t * n);
      }
    }
    if (options.bias()) {
      kernel.floats("bias", values.normal(n, 0.5));
    }
    if (options.residual()) {
      kernel.activation("residual", values.normal(t * n, 1));
    }
    if (options.keep()) {
      kernel.overwrittenFloats("mean", t).overwrittenFloats("rstd", t);
    }
    return kernel.call(
        (b, a) ->
            b.residualNormForward(
                a.at("y"),
                options.keep() ? a.at("h") : 0,
                options.keep() ? a.at("mean") : 0,
                options.keep() ? a.at("rstd") : 0,
                a.at(options.alias() ? "h" : "x"),
                options.bias() ? a.at("bias") : 0,
                options.residual() ? a.at("residual") : 0,
                a.at("gamma"),
                a.at("beta"),
                t,
                n,
                EPS,
                options.p(),
                SEED,
                STEP,
                STREAM));
  }

  /** Backward of a given h with its statistics; {@code oneGradient}: dresidual is dx. */
  static KernelCase backward(int t, int n, Options options, boolean oneGradient) {
    Values values = new Values(t * 37L + n);
    float[] h = Values.bf16(values.normal(t * n, 1));
    float[] mean = new float[t];
    float[] rstd = new float[t];
    for (int row = 0; row < t; row++) {
      statistics(h, row, n, mean, rstd);
    }
    KernelCase kernel =
        new KernelCase(Math.max(n, t))
            .activation("h", h)
            .floats("mean", mean)
            .floats("rstd", rstd)
            .floats("gamma", values.shifted(n, 1, 0.2))
            .updatedFloats("dgamma", values.normal(n, 1))
            .updatedFloats("dbeta", values.normal(n, 1));
    float[] dy = values.normal(t * n, 1);
    if (options.alias()) {
      kernel.updatedActivation("dx", dy);
    } else {
      kernel.activation("dy", dy).overwrittenActivation("dx", t * n);
    }
    if (options.bias()) {
      kernel.updatedFloats("dbias", values.normal(n, 1));
    }
    if (options.residual() && !oneGradient) {
      kernel.overwrittenActivation("dresidual", t * n);
    }
    return kernel.call(
        (b, a) ->
            b.residualNormBackward(
                a.at("dx"),
                oneGradient ? a.at("dx") : options.residual() ? a.at("dresidual") : 0,
                options.bias() ? a.at("dbias") : 0,
                a.at("dgamma"),
                a.at("dbeta"),
                a.at(options.alias() ? "dx" : "dy"),
                a.at("h"),
                a.at("mean"),
                a.at("rstd"),
                a.at("gamma"),
                t,
                n,
                options.p(),
                SEED,
                STEP,
                STREAM));
  }

  private static void statistics(float[] h, int row, int n, float[] mean, float[] rstd) {
    double sum = 0;
    double squares = 0;
    for (int i = row * n; i < (row + 1) * n; i++) {
      sum += h[i];
    }
    for (int i = row * n; i < (row + 1) * n; i++) {
      squares += (h[i] - sum / n) * (h[i] - sum / n);
    }
    mean[row] = (float) (sum / n);
    rstd[row] = (float) (1 / Math.sqrt(squares / n + EPS));
  }
}
