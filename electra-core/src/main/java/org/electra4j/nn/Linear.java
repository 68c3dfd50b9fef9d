package org.electra4j.nn;

import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.GemmOps;
import org.electra4j.autograd.Weight;
import org.electra4j.tensor.Tensor;

/** A weight matrix (out, in) and a bias (out). */
public final class Linear {
  private final Parameter weight;
  private final Parameter bias;

  /** Adds {@code name.weight} (out, in) and {@code name.bias} (out) to a store. */
  public Linear(ParameterStore store, String name, Initializer initializer, int in, int out) {
    this.weight = store.add(name + ".weight", initializer, out, in);
    this.bias = store.add(name + ".bias", new Initializer.Constant(0), out);
  }

  /** Returns {@code x wᵀ + bias}: (t, in) to (t, out). */
  public Tensor forward(Context c, Tensor x) {
    return GemmOps.linear(c, x, weight.weight(), bias.weight());
  }

  /** Returns {@code gelu(x wᵀ + bias)}: (t, in) to (t, out). */
  public Tensor forwardGelu(Context c, Tensor x) {
    return GemmOps.linearGelu(c, x, weight.weight(), bias.weight());
  }

  /** Returns {@code x wᵀ}: the bias is left to the residual norm that follows. */
  public Tensor forwardWithoutBias(Context c, Tensor x) {
    return GemmOps.linear(c, x, weight.weight(), null);
  }

  /** Returns weight and bias. */
  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  /** Returns the matrix, (out, in). */
  public Weight weight() {
    return weight.weight();
  }

  /** Returns the bias, (out). */
  public Weight bias() {
    return bias.weight();
  }
}
