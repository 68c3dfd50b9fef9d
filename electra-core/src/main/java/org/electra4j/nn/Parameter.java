package org.electra4j.nn;

import org.electra4j.autograd.Weight;
import org.electra4j.tensor.Shape;

/**
 * A named tensor of a {@link ParameterStore}.
 *
 * <p>Matrices and tables (rank 2) are read by kernels from the working copy, vectors from the fp32
 * master.
 */
public final class Parameter {
  private final ParameterStore store;
  private final String name;
  private final Shape shape;
  private final Initializer initializer;
  private final int number;
  private final long offset;

  Parameter(
      ParameterStore store,
      String name,
      Shape shape,
      Initializer initializer,
      int number,
      long offset) {
    this.store = store;
    this.name = name;
    this.shape = shape;
    this.initializer = initializer;
    this.number = number;
    this.offset = offset;
  }

  /** Returns the name: Hugging Face's, with the prefix of the network it belongs to. */
  public String name() {
    return name;
  }

  /** Returns the sizes. */
  public Shape shape() {
    return shape;
  }

  /** Returns how the first values are drawn. */
  public Initializer initializer() {
    return initializer;
  }

  int number() {
    return number;
  }

  /** Returns the index of the first element in every arena of the store. */
  public long offset() {
    return offset;
  }

  /**
   * Returns whether weight decay applies: to everything but biases and LayerNorm (reference file
   * optimization.py).
   */
  public boolean decays() {
    return !name.contains("LayerNorm") && !name.contains("bias");
  }

  /** Returns what ops take. The store must have its memory. */
  public Weight weight() {
    return store.weight(offset, shape);
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
