package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.electra4j.Precision;
import org.electra4j.backend.contract.Buffers.Result;
import org.electra4j.backend.contract.KernelCase.Array;
import org.electra4j.backend.contract.KernelCase.Role;
import org.electra4j.backend.contract.KernelCase.Type;

/**
 * Compares gradients of the fp32 reference with central differences of its own forward.
 *
 * <p>The loss is {@code L = Σ weight output}. With {@code D(h) = (L(x + h) - L(x - h)) / 2h} the
 * derivative is taken as {@code (4 D(h) - D(2h)) / 3}, of fourth order. Three errors make the
 * tolerance:
 *
 * <ul>
 *   <li>truncation: at most the distance to D(h), which is of second order;
 *   <li>rounding: outputs are stored with unit roundoff u, up to two of them in a row (h, then y),
 *       so L is known to {@code ε = 2 u Σ |weight output|} and the quotient to {@code (4 + 1/2) ε /
 *       3h}, 1.5 ε/h;
 *   <li>the gradient itself is computed from statistics stored in fp32: some 64 u of the largest
 *       element.
 * </ul>
 *
 * <p>Inputs lie on a grid of 2⁻¹⁰ and h is 2⁻⁶, so that {@code x ± 2h} is exact. A check that is
 * not sharp (tolerance above 1 % of the largest gradient) fails too.
 */
final class GradientCheck {
  private static final double U = 0x1p-24;
  private static final float H = 0x1p-6f;

  private final KernelCase kernel;
  private final String output;
  private final double[] weights;

  /** Starts a check of {@code L = Σ weight[i] output[i]} over the first elements of an output. */
  GradientCheck(KernelCase kernel, String output, float... weights) {
    this.kernel = kernel;
    this.output = output;
    this.weights = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      this.weights[i] = weights[i];
    }
  }

  /** Puts all floating-point inputs of a case on the grid. */
  static KernelCase onGrid(KernelCase kernel) {
    kernel.arrays.values().stream()
        .filter(array -> array.floats() != null)
        .forEach(
            array -> {
              for (int i = 0; i < array.count(); i++) {
                array.floats()[i] = Math.round(array.floats()[i] * 1024) / 1024f;
              }
            });
    return kernel;
  }

  private double[] outputs(KernelCase other) {
    return KernelTester.reference(Precision.FP32, other).of(output);
  }

  private double loss(String input, int element, float change) {
    float[] content = kernel.arrays.get(input).floats().clone();
    content[element] += change;
    double[] values = outputs(kernel.withFloats(Map.of(input, content)));
    double loss = 0;
    for (int i = 0; i < weights.length; i++) {
      loss += weights[i] * values[i];
    }
    return loss;
  }

  private double difference(String input, int element, float h) {
    return (loss(input, element, h) - loss(input, element, -h)) / (2 * h);
  }

  /** Checks one gradient; what it started with, if it is added to, is taken off. */
  GradientCheck gradient(String input, String gradient) {
    Result result = KernelTester.reference(Precision.FP32, kernel);
    double[] values = result.of(output);
    double epsilon = 0;
    for (int i = 0; i < weights.length; i++) {
      epsilon += 2 * U * Math.abs(weights[i] * values[i]);
    }
    if (kernel.arrays.get(output).type() == Type.DOUBLE) {
      epsilon *= U;
    }
    Array array = kernel.arrays.get(gradient);
    double[] actual = result.of(gradient).clone();
    double largest = 0;
    double initial = 0;
    for (int i = 0; i < actual.length; i++) {
      if (array.role() == Role.UPDATED && !gradient.equals(input)) {
        actual[i] -= array.floats()[i];
        initial = Math.max(initial, Math.abs(array.floats()[i]));
      }
      largest = Math.max(largest, Math.abs(actual[i]));
    }
    for (int i = 0; i < actual.length; i++) {
      double near = difference(input, i, H);
      double expected = (4 * near - difference(input, i, 2 * H)) / 3;
      double tolerance =
          Math.abs(expected - near) + 1.5 * epsilon / H + 64 * U * (largest + initial);
      assertThat(Math.abs(actual[i] - expected))
          .as("%s[%d] = %s, by differences %s", gradient, i, actual[i], expected)
          .isLessThanOrEqualTo(tolerance);
      assertThat(tolerance).as("sharpness of %s[%d]", gradient, i).isLessThan(0.01 * largest);
    }
    assertThat(largest).as("largest element of %s", gradient).isPositive();
    return this;
  }
}
