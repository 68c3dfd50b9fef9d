package org.electra4j.io;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/** Turns stored floating-point elements into floats. */
@FunctionalInterface
interface FloatDecoder {

  /**
   * Decodes all of {@code source} (little-endian) into {@code destination}, advancing its position.
   */
  void decode(ByteBuffer source, FloatBuffer destination);

  /**
   * Returns the decoder of a type, or null if the type is no floating-point type that floats can
   * hold.
   */
  static FloatDecoder of(SafetensorsType type) {
    return switch (type) {
      case F32 -> (source, destination) -> destination.put(source.asFloatBuffer());
      case F64 -> FloatDecoder::decodeDoubles;
      case F16 -> FloatDecoder::decodeHalves;
      case BF16 -> FloatDecoder::decodeBfloats;
      default -> null;
    };
  }

  private static void decodeDoubles(ByteBuffer source, FloatBuffer destination) {
    while (source.hasRemaining()) {
      destination.put((float) source.getDouble());
    }
  }

  private static void decodeHalves(ByteBuffer source, FloatBuffer destination) {
    ShortBuffer halves = source.asShortBuffer();
    while (halves.hasRemaining()) {
      destination.put(halfToFloat(halves.get()));
    }
  }

  private static void decodeBfloats(ByteBuffer source, FloatBuffer destination) {
    ShortBuffer bfloats = source.asShortBuffer();
    while (bfloats.hasRemaining()) {
      destination.put(Float.intBitsToFloat(bfloats.get() << 16));
    }
  }

  /** Returns the value of an IEEE 754 binary16 number; the JDK has this from 20 on only. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) { // zero or subnormal: fraction * 2^-24, exact in float
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
    }
    int wide = exponent == 0x1F ? 0xFF : exponent + (127 - 15);
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }
}
