package org.electra4j.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts what a batch gave into what its sequences gave. */
final class Rows {
  private Rows() {}

  /** Returns the rows of each sequence; {@code values} (T, width) row by row. */
  static List<float[][]> split(float[] values, int width, List<int[]> sequences) {
    List<float[][]> split = new ArrayList<>(sequences.size());
    int from = 0;
    for (int[] sequence : sequences) {
      float[][] rows = new float[sequence.length][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(values, from, from + width);
        from += width;
      }
      split.add(rows);
    }
    return split;
  }

  /** Returns the values of each sequence; {@code values} (T). */
  static List<float[]> split(float[] values, List<int[]> sequences) {
    List<float[]> split = new ArrayList<>(sequences.size());
    int from = 0;
    for (int[] sequence : sequences) {
      split.add(Arrays.copyOfRange(values, from, from + sequence.length));
      from += sequence.length;
    }
    return split;
  }
}
