package org.electra4j.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The sizes of a tensor, outermost first; immutable. */
public final class Shape {
  private final int[] sizes;

  private Shape(int[] sizes) {
    this.sizes = sizes;
  }

  /**
   * Returns the shape with these sizes.
   *
   * @throws IllegalArgumentException when a size is negative
   */
  public static Shape of(int... sizes) {
    for (int size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("a size is negative: " + Arrays.toString(sizes));
      }
    }
    return new Shape(sizes.clone());
  }

  /** Returns the number of dimensions. */
  public int rank() {
    return sizes.length;
  }

  /** Returns the size of a dimension. */
  public int size(int dimension) {
    return sizes[dimension];
  }

  /** Returns the product of all sizes. */
  public long elements() {
    long product = 1;
    for (int size : sizes) {
      product *= size;
    }
    return product;
  }

  /** Returns a copy of the sizes. */
  public int[] toArray() {
    return sizes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.stream(sizes)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
