package org.electra4j.backend.reference;

/**
 * Operands of a product as integers with a common scale: {@code round(s x) / s}, where {@code s}
 * gives a row or a column along the inner dimension the Euclidean norm {@value #NORM}. By Cauchy
 * and Schwarz the sums of such integers fit 32 bits at any length.
 */
final class FixedPoint {
  static final double NORM = 32_760;

  /** Tokens that have a scale of their own in the gradient of a weight matrix. */
  static final int TOKENS = 256;

  private FixedPoint() {}

  /** Rounds each row of x (rows, k) in place. */
  static void roundRows(double[] x, int rows, int k) {
    for (int row = 0; row < rows; row++) {
      round(x, row * k, 1, k);
    }
  }

  /** Rounds each column of x (rows, columns) in place, {@code block} rows at a time. */
  static void roundColumns(double[] x, int rows, int columns, int block) {
    for (int first = 0; first < rows; first += block) {
      for (int column = 0; column < columns; column++) {
        round(x, first * columns + column, columns, Math.min(block, rows - first));
      }
    }
  }

  /**
   * Rounds numbers that share a scale: {@code count} of them from {@code begin} on, {@code stride}
   * apart.
   */
  static void round(double[] x, int begin, int stride, int count) {
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += x[begin + i * stride] * x[begin + i * stride];
    }
    if (squares == 0) {
      return;
    }
    double scale = NORM / Math.sqrt(squares);
    for (int i = 0; i < count; i++) {
      x[begin + i * stride] = Math.rint(x[begin + i * stride] * scale) / scale;
    }
  }
}
