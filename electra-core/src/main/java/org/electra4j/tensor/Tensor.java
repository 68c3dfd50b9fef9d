package org.electra4j.tensor;

/**
 * An address in backend memory with a type and a shape; row-major and contiguous. It owns nothing:
 * the memory belongs to an {@link Arena} or a parameter store. Two tensors are equal only if they
 * are the same object, so that a tape can keep gradients by tensor.
 */
public final class Tensor {
  private final long address;
  private final DType type;
  private final Shape shape;

  /** Makes a tensor at an address that somebody else owns. */
  public Tensor(long address, DType type, Shape shape) {
    this.address = address;
    this.type = type;
    this.shape = shape;
  }

  /** Returns the address of the first element. */
  public long address() {
    return address;
  }

  /** Returns the address, or 0 for no tensor. */
  public static long addressOf(Tensor tensor) {
    return tensor == null ? 0 : tensor.address;
  }

  /** Returns the type of the elements. */
  public DType type() {
    return type;
  }

  /** Returns the sizes. */
  public Shape shape() {
    return shape;
  }

  /** Returns the size of the first dimension. */
  public int rows() {
    return shape.size(0);
  }

  /** Returns the size of the second dimension. */
  public int columns() {
    return shape.size(1);
  }

  /** Returns the number of bytes that the elements take. */
  public long bytes() {
    return shape.elements() * type.bytes();
  }

  /**
   * Returns this tensor after checking its shape.
   *
   * @throws IllegalArgumentException naming the operation, the tensor and both shapes
   */
  public Tensor require(String operation, String name, int... sizes) {
    if (!shape.equals(Shape.of(sizes))) {
      throw new IllegalArgumentException(
          "[" + operation + "] " + name + " must have shape " + Shape.of(sizes) + ", got " + shape);
    }
    return this;
  }

  @Override
  public String toString() {
    return type + shape.toString();
  }
}
