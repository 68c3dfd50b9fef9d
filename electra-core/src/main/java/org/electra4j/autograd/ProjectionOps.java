package org.electra4j.autograd;

import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/**
 * Projections to a few units whose loss the caller computes: for losses of so few numbers that a
 * kernel of their own would gain nothing.
 */
public final class ProjectionOps {
  private ProjectionOps() {}

  /**
   * Returns {@code x wᵀ + bias} in fp32. In a training context {@link #seed} must follow; in BF16
   * that gradient is rounded to bf16 before it meets {@code x} and {@code w}.
   *
   * @param x (rows, h)
   * @param w (units, h)
   * @param bias (units)
   * @return (rows, units) fp32
   */
  public static Tensor logits(Context c, Tensor x, Weight w, Weight bias) {
    int rows = x.rows();
    int units = w.size(0);
    int h = w.size(1);
    Tensor logits = LossOps.classes(c, x, w, bias, null, 0).logits();
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dlogits = c.tape().takeGradient(logits);
                Tensor dy = c.activation(rows, units);
                c.backend().toActivation(dy.address(), dlogits.address(), (long) rows * units);
                GemmOps.backwardInput(c, x, dy, w, rows, units, h);
                GemmOps.backwardWeight(c, dy, x, w, bias, rows, units, h);
                c.release(logits, dlogits, dy);
              });
    }
    return logits;
  }

  /** Sets the gradient of logits, row after row; for training contexts. */
  public static void seed(Context c, Tensor logits, float[] gradient) {
    if (gradient.length != logits.shape().elements()) {
      throw new IllegalArgumentException(
          "the gradient of " + logits + " has " + gradient.length + " values");
    }
    Tensor dlogits = c.arena().tensor(DType.F32, logits.rows(), logits.columns());
    c.backend().upload(dlogits.address(), gradient, 0, gradient.length);
    c.tape().setGradient(logits, dlogits);
  }
}
