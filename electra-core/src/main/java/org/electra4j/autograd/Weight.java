package org.electra4j.autograd;

import org.electra4j.tensor.Tensor;

/**
 * A parameter as an op sees it.
 *
 * @param value what kernels read: the working copy of a matrix, the fp32 master of a vector
 * @param gradient fp32, added to by backward steps; {@code null} when the model is not trained
 */
public record Weight(Tensor value, Tensor gradient) {

  /** Returns the address of the value. */
  public long address() {
    return value.address();
  }

  /** Returns the address of the gradient. */
  public long gradientAddress() {
    return gradient.address();
  }

  /** Returns the size of a dimension of the value. */
  public int size(int dimension) {
    return value.shape().size(dimension);
  }
}
