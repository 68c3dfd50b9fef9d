package org.electra4j.nn;

import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;
import org.electra4j.tensor.Shape;

/** Initial values, a function of (seed, parameter number, element). */
public sealed interface Initializer {

  /** Returns the values of a parameter. */
  float[] values(Shape shape, long seed, int number);

  /** All elements equal. */
  record Constant(float value) implements Initializer {
    @Override
    public float[] values(Shape shape, long seed, int number) {
      float[] values = new float[Math.toIntExact(shape.elements())];
      java.util.Arrays.fill(values, value);
      return values;
    }
  }

  /**
   * Normal with this standard deviation, cut at two of them (BERT's {@code truncated_normal}). One
   * uniform an element through the inverse distribution function.
   */
  record TruncatedNormal(float stddev) implements Initializer {
    private static final double BELOW_MINUS_TWO = 0.022750131948179207;

    @Override
    public float[] values(Shape shape, long seed, int number) {
      float[] values = new float[Math.toIntExact(shape.elements())];
      fill(
          values,
          seed,
          number,
          u ->
              stddev
                  * NormalDistribution.quantile(BELOW_MINUS_TWO + u * (1 - 2 * BELOW_MINUS_TWO)));
      return values;
    }
  }

  /**
   * Uniform in ±sqrt(6 / (in + out)): what TensorFlow does where no initializer is passed, and so
   * what the reference has for {@code embeddings_project} and every final unit.
   */
  record GlorotUniform() implements Initializer {
    @Override
    public float[] values(Shape shape, long seed, int number) {
      float[] values = new float[Math.toIntExact(shape.elements())];
      double limit = Math.sqrt(6.0 / (shape.size(0) + shape.size(1)));
      fill(values, seed, number, u -> limit * (2 * u - 1));
      return values;
    }
  }

  private static void fill(
      float[] values, long seed, int number, java.util.function.DoubleUnaryOperator f) {
    int[] words = new int[4];
    for (int i = 0; i < values.length; i++) {
      if ((i & 3) == 0) {
        Philox.block(seed, RandomStreams.INITIALIZATION, number, i >>> 2, words);
      }
      double u = ((words[i & 3] & 0xFFFFFFFFL) + 0.5) * 0x1p-32;
      values[i] = (float) f.applyAsDouble(u);
    }
  }
}
