package org.electra4j.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.tensor.Tensor;

/**
 * Backward steps in the order of their forward steps. Execution order is already a topological
 * order, so {@link #backward} is a loop from the end.
 */
public final class Tape {
  private final List<Runnable> steps = new ArrayList<>();
  private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();

  /** Appends the backward step of an op. */
  void record(Runnable backward) {
    steps.add(backward);
  }

  /** Returns the gradient of an activation as far as it is known, or {@code null}. */
  Tensor gradient(Tensor activation) {
    return gradients.get(activation);
  }

  /** Sets the gradient of an activation that has none yet. */
  void setGradient(Tensor activation, Tensor gradient) {
    if (gradients.put(activation, gradient) != null) {
      throw new IllegalStateException(
          "a second gradient for " + activation + " would overwrite the first");
    }
  }

  /**
   * Returns the gradient of an op's output and forgets it: its backward step is the last reader.
   */
  Tensor takeGradient(Tensor output) {
    Tensor gradient = gradients.remove(output);
    if (gradient == null) {
      throw new IllegalStateException("no loss depends on " + output);
    }
    return gradient;
  }

  /**
   * Drops the backward steps so far: what was computed up to here is not trained. Their activations
   * stay in the arena until the step ends.
   */
  public void forget() {
    steps.clear();
  }

  /** Runs all backward steps, last first, and empties the tape. Losses seed their own gradients. */
  public void backward() {
    for (int i = steps.size() - 1; i >= 0; i--) {
      steps.get(i).run();
    }
    steps.clear();
    gradients.clear();
  }
}
