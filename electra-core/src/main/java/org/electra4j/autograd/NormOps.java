package org.electra4j.autograd;

import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/** LayerNorm, alone and at the end of a sub-layer. */
public final class NormOps {
  private NormOps() {}

  /**
   * Returns {@code LayerNorm(dropout(x + bias) + residual)}.
   *
   * @param x (t, n), used up: its memory holds the sum afterwards
   * @param bias (n)
   * @param residual (t, n)
   * @return (t, n)
   */
  public static Tensor residualNorm(
      Context c,
      Tensor x,
      Weight bias,
      Tensor residual,
      Weight gamma,
      Weight beta,
      float eps,
      float dropoutProb,
      int stream) {
    int t = x.rows();
    int n = x.columns();
    residual.require("residualNorm", "residual", t, n);
    gamma.value().require("residualNorm", "gamma", n);
    float p = c.dropout(dropoutProb);
    return norm(c, x, bias, residual, gamma, beta, eps, p, stream);
  }

  /** Returns {@code LayerNorm(x)}; {@code x} (t, n) is used up. */
  public static Tensor layerNorm(Context c, Tensor x, Weight gamma, Weight beta, float eps) {
    gamma.value().require("layerNorm", "gamma", x.columns());
    return norm(c, x, null, null, gamma, beta, eps, 0, 0);
  }

  private static Tensor norm(
      Context c,
      Tensor x,
      Weight bias,
      Tensor residual,
      Weight gamma,
      Weight beta,
      float eps,
      float p,
      int stream) {
    int t = x.rows();
    int n = x.columns();
    boolean kept = c.isTraining();
    Tensor y = c.activation(t, n);
    Tensor mean = c.saved(DType.F32, t);
    Tensor rstd = c.saved(DType.F32, t);
    c.backend()
        .residualNormForward(
            y.address(),
            kept ? x.address() : 0, // h takes the place of x
            Tensor.addressOf(mean),
            Tensor.addressOf(rstd),
            x.address(),
            bias == null ? 0 : bias.address(),
            Tensor.addressOf(residual),
            gamma.address(),
            beta.address(),
            t,
            n,
            eps,
            p,
            c.seed(),
            c.step(),
            stream);
    c.recycle(x);
    if (kept) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                Tensor dresidual = residual == null ? null : c.activation(t, n);
                c.backend()
                    .residualNormBackward(
                        dy.address(), // dx takes the place of dy
                        Tensor.addressOf(dresidual),
                        bias == null ? 0 : bias.gradientAddress(),
                        gamma.gradientAddress(),
                        beta.gradientAddress(),
                        dy.address(),
                        x.address(),
                        mean.address(),
                        rstd.address(),
                        gamma.address(),
                        t,
                        n,
                        p,
                        c.seed(),
                        c.step(),
                        stream);
                c.tape().setGradient(x, dy);
                if (residual != null) {
                  c.tape().setGradient(residual, dresidual);
                }
                c.release(y, mean, rstd);
              });
    }
    return y;
  }
}
