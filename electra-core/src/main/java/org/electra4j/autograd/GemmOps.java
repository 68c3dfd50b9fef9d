package org.electra4j.autograd;

import org.electra4j.tensor.Tensor;

/** Products with weight matrices. */
public final class GemmOps {
  private GemmOps() {}

  /**
   * Returns {@code x wᵀ + bias}.
   *
   * @param x (t, k)
   * @param w (n, k)
   * @param bias (n), or {@code null} when a later kernel adds it
   * @return (t, n)
   */
  public static Tensor linear(Context c, Tensor x, Weight w, Weight bias) {
    int t = x.rows();
    int k = w.size(1);
    int n = w.size(0);
    x.require("linear", "input", t, k);
    Tensor y = c.activation(t, n);
    long b = bias == null ? 0 : bias.address();
    c.backend().gemmForward(y.address(), 0, x.address(), w.address(), b, t, n, k, false);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                backwardInput(c, x, dy, w, t, n, k);
                backwardWeight(c, dy, x, w, bias, t, n, k);
                c.release(y, dy);
              });
    }
    return y;
  }

  /** Returns {@code gelu(x wᵀ + bias)}; shapes as {@link #linear}. */
  public static Tensor linearGelu(Context c, Tensor x, Weight w, Weight bias) {
    int t = x.rows();
    int k = w.size(1);
    int n = w.size(0);
    x.require("linearGelu", "input", t, k);
    Tensor y = c.activation(t, n);
    Tensor u = c.savedActivation(t, n);
    c.backend()
        .gemmForward(
            y.address(),
            Tensor.addressOf(u),
            x.address(),
            w.address(),
            bias.address(),
            t,
            n,
            k,
            true);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                long elements = (long) t * n;
                c.backend().geluBackward(dy.address(), dy.address(), u.address(), elements);
                backwardInput(c, x, dy, w, t, n, k);
                backwardWeight(c, dy, x, w, bias, t, n, k);
                c.release(y, u, dy);
              });
    }
    return y;
  }

  /**
   * Returns {@code gelu(x w1ᵀ + bias1) w2ᵀ}: the feed-forward block up to the bias that the
   * residual norm adds.
   *
   * @param x (t, h)
   * @param w1 (i, h)
   * @param bias1 (i)
   * @param w2 (h, i)
   * @return (t, h)
   */
  public static Tensor feedForward(Context c, Tensor x, Weight w1, Weight bias1, Weight w2) {
    int t = x.rows();
    int h = w1.size(1);
    int i = w1.size(0);
    x.require("feedForward", "input", t, h);
    w2.value().require("feedForward", "second weight", h, i);
    Tensor u = c.savedActivation(t, i);
    Tensor g = c.activation(t, i);
    c.backend()
        .gemmForward(
            g.address(),
            Tensor.addressOf(u),
            x.address(),
            w1.address(),
            bias1.address(),
            t,
            i,
            h,
            true);
    Tensor y = c.activation(t, h);
    c.backend().gemmForward(y.address(), 0, g.address(), w2.address(), 0, t, h, i, false);
    c.recycle(g);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                backwardWeight(c, dy, g, w2, null, t, h, i);
                Tensor du = g; // g was read for the last time
                c.backend()
                    .gemmBackwardInput(
                        du.address(), dy.address(), w2.address(), u.address(), t, h, i, false);
                backwardInput(c, x, du, w1, t, i, h);
                backwardWeight(c, du, x, w1, bias1, t, i, h);
                c.release(y, dy, u, du);
              });
    }
    return y;
  }

  static void backwardInput(Context c, Tensor x, Tensor dy, Weight w, int t, int n, int k) {
    Tensor dx = c.tape().gradient(x);
    boolean accumulate = dx != null;
    if (!accumulate) {
      dx = c.activation(t, k);
      c.tape().setGradient(x, dx);
    }
    c.backend().gemmBackwardInput(dx.address(), dy.address(), w.address(), 0, t, n, k, accumulate);
  }

  static void backwardWeight(
      Context c, Tensor dy, Tensor x, Weight w, Weight bias, int t, int n, int k) {
    c.backend()
        .gemmBackwardWeight(
            w.gradientAddress(),
            bias == null ? 0 : bias.gradientAddress(),
            dy.address(),
            x.address(),
            t,
            n,
            k);
  }
}
