package org.electra4j.tensor;

import org.electra4j.Precision;

/** Element types. */
public enum DType {
  F32(4),
  BF16(2),
  I32(4),
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
