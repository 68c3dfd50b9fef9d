package org.electra4j.tensor;

import org.electra4j.Precision;

/** Element types. */
public enum DType {
  /** 32-bit floating point. */
  F32(4),
  /** bfloat16: the upper half of {@link #F32}. */
  BF16(2),
  /** 32-bit whole numbers. */
  I32(4),
  /** 64-bit floating point. */
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of an element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the activation type of a precision: F32 for FP32, BF16 for BF16. */
  public static DType activation(Precision precision) {
    return switch (precision) {
      case FP32 -> F32;
      case BF16 -> BF16;
      case AUTO -> throw new IllegalArgumentException("AUTO is not a precision of a backend");
    };
  }
}
