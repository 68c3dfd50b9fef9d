package org.electra4j.backend.contract;

import java.util.Random;

/** Test data: the same numbers in every run. */
final class Values {
  private final Random random;

  Values(long seed) {
    this.random = new Random(seed);
  }

  /** Returns normal numbers of a standard deviation. */
  float[] normal(int count, double deviation) {
    return shifted(count, 0, deviation);
  }

  float[] shifted(int count, double mean, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  float[] uniform(int count, double from, double to) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (from + (to - from) * random.nextDouble());
    }
    return values;
  }

  /** Returns whole numbers from {@code from} to below {@code to}. */
  int[] ints(int count, int from, int to) {
    return random.ints(count, from, to).toArray();
  }

  /** Returns whole numbers as floats; sums of their products are exact in fp32. */
  float[] wholeFloats(int count, int from, int to) {
    int[] whole = ints(count, from, to);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = whole[i];
    }
    return values;
  }

  boolean nextBoolean() {
    return random.nextBoolean();
  }

  /** Returns the bf16 nearest to a float, ties to even, as a float. */
  static float bf16(float value) {
    if (Float.isNaN(value)) {
      return value;
    }
    int bits = Float.floatToRawIntBits(value);
    int kept = bits & 0xFFFF0000;
    int rest = bits & 0xFFFF;
    boolean up = rest > 0x8000 || rest == 0x8000 && (bits & 0x10000) != 0;
    return Float.intBitsToFloat(up ? kept + 0x10000 : kept);
  }

  static float[] bf16(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = bf16(values[i]);
    }
    return rounded;
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  static int[] ints(double[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  /** Returns running sums that begin with 0: offsets of pieces of the given lengths. */
  static int[] offsets(int... lengths) {
    int[] offsets = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    return offsets;
  }
}
