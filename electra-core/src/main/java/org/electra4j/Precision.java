package org.electra4j;

/** The number formats of a run. */
public enum Precision {
  /**
   * {@link #BF16} where it is the faster one, else {@link #FP32}: on processors with AVX512_VNNI
   * and on graphics cards of compute capability 8.0 and newer.
   */
  AUTO,
  /** Everything in 32-bit floating point. */
  FP32,
  /**
   * bf16 weights (a working copy), activations and activation gradients; fp32 master weights,
   * parameter gradients, LayerNorm and softmax statistics, logits, losses and optimizer. Processors
   * without fast instructions for bf16 multiply by weights on 16-bit integers with a scale for each
   * row; {@link org.electra4j.backend.Backend} bounds what that changes.
   */
  BF16
}
