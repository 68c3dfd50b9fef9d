package org.electra4j.nn;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.NormOps;
import org.electra4j.autograd.Weight;
import org.electra4j.tensor.Tensor;

/** Scale and shift of a normalised row: {@code name.weight} (n) and {@code name.bias} (n). */
public final class LayerNorm {
  private final Parameter gamma;
  private final Parameter beta;
  private final float eps;

  /**
   * Adds scale and shift of rows of {@code size} values to the store; {@code eps} is added to the
   * variance.
   */
  public LayerNorm(ParameterStore store, String name, int size, float eps) {
    this.gamma = store.add(name + ".weight", new Initializer.Constant(1), size);
    this.beta = store.add(name + ".bias", new Initializer.Constant(0), size);
    this.eps = eps;
  }

  /** Returns {@code LayerNorm(x)}; {@code x} (t, n) is used up. */
  public Tensor forward(Context c, Tensor x) {
    return NormOps.layerNorm(c, x, gamma(), beta(), eps);
  }

  /** Returns {@code LayerNorm(dropout(x + bias) + residual)}; {@code x} (t, n) is used up. */
  public Tensor forward(
      Context c, Tensor x, Weight bias, Tensor residual, float dropoutProb, int stream) {
    return NormOps.residualNorm(c, x, bias, residual, gamma(), beta(), eps, dropoutProb, stream);
  }

  /** Returns the scale, (n). */
  public Weight gamma() {
    return gamma.weight();
  }

  /** Returns the shift, (n). */
  public Weight beta() {
    return beta.weight();
  }

  /** Returns what is added to the variance. */
  public float eps() {
    return eps;
  }
}
