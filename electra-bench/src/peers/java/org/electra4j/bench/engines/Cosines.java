package org.electra4j.bench.engines;

import org.electra4j.bench.Notes;

/** The check that engines compute the same before they are timed. */
public final class Cosines {
  private static final double SAME = 0.9995;
  private static final double SAME_IN_INT8 = 0.9;

  private Cosines() {}

  /**
   * Notes the smallest cosine between vectors and what they should be.
   *
   * @param engine one whose name ends in {@code int8} is held to 0.9, others to 0.9995
   * @throws IllegalStateException when a vector points elsewhere
   */
  public static void check(String engine, float[][] actual, float[][] expected) {
    double smallest = 1;
    for (int i = 0; i < expected.length; i++) {
      smallest = Math.min(smallest, cosine(actual[i], expected[i]));
    }
    Notes.add("cosine", smallest);
    double bound = engine.endsWith("int8") ? SAME_IN_INT8 : SAME;
    if (!(smallest >= bound)) {
      throw new IllegalStateException(
          engine + " computes something else: a cosine is " + smallest + ", below " + bound + ".");
    }
  }

  private static double cosine(float[] a, float[] b) {
    double product = 0;
    double lengthA = 0;
    double lengthB = 0;
    for (int i = 0; i < b.length; i++) {
      product += (double) a[i] * b[i];
      lengthA += (double) a[i] * a[i];
      lengthB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(lengthA * lengthB);
  }
}
