package org.electra4j.autograd;

import org.electra4j.tensor.Tensor;

/** Dropout where no other kernel has it inside. */
public final class DropoutOps {
  private DropoutOps() {}

  /**
   * Returns {@code dropout(x)}, and {@code x} itself where dropout is off.
   *
   * @param x (t, n)
   * @return (t, n)
   */
  public static Tensor dropout(Context c, Tensor x, float dropoutProb, int stream) {
    float p = c.dropout(dropoutProb);
    if (p == 0) {
      return x;
    }
    long count = x.shape().elements();
    Tensor y = c.activation(x.rows(), x.columns());
    c.backend().dropout(y.address(), x.address(), count, p, c.seed(), c.step(), stream);
    c.tape()
        .record(
            () -> {
              Tensor dy = c.tape().takeGradient(y);
              c.backend().dropout(dy.address(), dy.address(), count, p, c.seed(), c.step(), stream);
              c.addGradient(x, dy);
              c.release(y);
            });
    return y;
  }
}
