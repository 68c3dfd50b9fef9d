package org.electra4j;

/** The number formats of a run. */
public enum Precision {
  /** {@link #BF16} where the hardware multiplies bf16 at full speed, else {@link #FP32}. */
  AUTO,
  /** Everything in 32-bit floating point. */
  FP32,
  /**
   * bf16 weights (a working copy), activations and activation gradients; fp32 master weights,
   * parameter gradients, LayerNorm and softmax statistics, logits, losses and optimizer.
   */
  BF16
}
