package org.electra4j.io;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * The elements of a tensor, which are read when the first are asked for and forgotten with the
 * last.
 */
final class LazyTensor implements FloatSource {
  private interface Reader {
    float[] read() throws IOException;
  }

  private final Reader reader;
  private float[] values;

  private LazyTensor(Reader reader) {
    this.reader = reader;
  }

  static LazyTensor of(Weights weights, String name) {
    return new LazyTensor(() -> weights.readFloats(name));
  }

  /** Returns the elements of a matrix in the order of its transpose. */
  static LazyTensor transposed(Weights weights, String name) {
    List<Long> shape = weights.shapes().get(name);
    return new LazyTensor(() -> transposed(weights.readFloats(name), shape.get(0).intValue()));
  }

  /** Returns the transpose of a matrix of {@code rows} rows. */
  static float[] transposed(float[] matrix, int rows) {
    int columns = rows == 0 ? 0 : matrix.length / rows;
    float[] result = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[column * rows + row] = matrix[row * columns + column];
      }
    }
    return result;
  }

  @Override
  public void read(long firstElement, FloatBuffer destination) throws IOException {
    if (values == null) {
      values = reader.read();
    }
    int count = destination.remaining();
    destination.put(values, (int) firstElement, count);
    if (firstElement + count == values.length) {
      values = null;
    }
  }
}
