package org.electra4j.autograd;

import org.electra4j.tensor.Tensor;

/** Picks rows. */
public final class RowOps {
  private RowOps() {}

  /**
   * Returns the rows of {@code x} at these positions.
   *
   * @param x (t, n)
   * @param positions (m) i32, ascending
   * @return (m, n)
   */
  public static Tensor gather(Context c, Tensor x, Tensor positions) {
    int t = x.rows();
    int n = x.columns();
    int m = positions.rows();
    Tensor y = c.activation(m, n);
    c.backend().gatherRows(y.address(), x.address(), positions.address(), t, m, n);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                Tensor dx = c.activation(t, n);
                c.backend().scatterRows(dx.address(), dy.address(), positions.address(), t, m, n);
                c.addGradient(x, dx);
                c.release(y, dy);
              });
    }
    return y;
  }
}
