package org.electra4j.io;

import java.util.List;

/**
 * One entry of a safetensors header.
 *
 * @param name name of the tensor
 * @param type element type
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 * @param byteOffset where the data start, counted from the end of the header
 */
public record TensorInfo(String name, SafetensorsType type, List<Long> shape, long byteOffset) {

  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Returns the product of the dimensions; 1 for a scalar. */
  public long elementCount() {
    return elementCount(shape);
  }

  /** Returns the size of the data in bytes. */
  public long byteCount() {
    return elementCount() * type.bytes();
  }

  /** Returns whether the shape is exactly the given one. */
  public boolean hasShape(long... expected) {
    if (expected.length != shape.size()) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if (shape.get(i) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the product of the dimensions.
   *
   * @throws ArithmeticException if it does not fit a {@code long}
   */
  static long elementCount(List<Long> shape) {
    if (shape.contains(0L)) {
      return 0;
    }
    long count = 1;
    for (long dimension : shape) {
      count = Math.multiplyExact(count, dimension);
    }
    return count;
  }
}
