/**
 * Typed addresses: {@link org.electra4j.tensor.Tensor}, its {@link org.electra4j.tensor.Shape} and
 * {@link org.electra4j.tensor.DType}, and the {@link org.electra4j.tensor.Arena} they live in.
 * Contiguous, row-major, nothing else. Imports {@code backend}. Read {@link
 * org.electra4j.tensor.Tensor} first.
 */
package org.electra4j.tensor;
