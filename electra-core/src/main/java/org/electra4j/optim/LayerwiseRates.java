package org.electra4j.optim;

import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learning-rate multipliers that fall from the heads to the embeddings: {@code decay^(n + 2 -
 * depth)} with depth 0 for embeddings and their projection, i + 1 for layer i, n + 2 for heads
 * (reference file optimization.py).
 *
 * <p>Because there is no pooler at depth n + 1, the top layer has {@code decay²}. {@code corrected}
 * closes the gap: {@code decay^(n + 1 - depth)} with heads at n + 1, so the top layer has {@code
 * decay¹}.
 */
public final class LayerwiseRates implements ToDoubleFunction<String> {
  private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d+)\\.");

  private final double decay;
  private final int layers;
  private final int headDepth;

  /**
   * @param decay factor from one level to the next, 0.8 for Small and Base, 0.9 for Large
   * @param layers numHiddenLayers
   * @param corrected whether the top layer gets decay¹ rather than the published decay²
   */
  public LayerwiseRates(double decay, int layers, boolean corrected) {
    this.decay = decay;
    this.layers = layers;
    this.headDepth = corrected ? layers + 1 : layers + 2;
  }

  /** Returns the multiplier of a parameter by its name. */
  @Override
  public double applyAsDouble(String name) {
    return Math.pow(decay, headDepth - depth(name));
  }

  private int depth(String name) {
    Matcher matcher = LAYER.matcher(name);
    if (matcher.find()) {
      int layer = Integer.parseInt(matcher.group(1));
      if (layer >= layers) {
        throw new IllegalArgumentException(name + " is beyond the " + layers + " layers");
      }
      return layer + 1;
    }
    return name.contains("electra.embeddings") ? 0 : headDepth;
  }
}
