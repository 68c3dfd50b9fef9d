package org.electra4j.backend.reference;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.electra4j.Precision;
import org.electra4j.backend.BackendException;

/**
 * Virtual memory of byte arrays: a segment number in the upper 32 bits of an address, a byte offset
 * in the lower. Every access is checked; fresh memory is all ones, which reads as NaN or -1.
 */
final class Memory {
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);

  private final boolean bf16;
  private final Map<Integer, byte[]> segments = new ConcurrentHashMap<>();
  private final AtomicInteger lastSegment = new AtomicInteger();

  Memory(Precision precision) {
    this.bf16 = precision == Precision.BF16;
  }

  private static VarHandle view(Class<?> type) {
    return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
  }

  long alloc(long bytes) {
    if (bytes < 0 || bytes > Integer.MAX_VALUE - 64) {
      throw new BackendException(
          "The reference backend cannot allocate " + bytes + " bytes; its limit is 2 GiB a block.");
    }
    byte[] segment = new byte[(int) bytes];
    Arrays.fill(segment, (byte) 0xFF);
    int number = lastSegment.incrementAndGet();
    segments.put(number, segment);
    return (long) number << 32;
  }

  void release(long address) {
    if (address == 0) {
      return;
    }
    if ((int) address != 0 || segments.remove((int) (address >>> 32)) == null) {
      throw new BackendException(
          "Address 0x" + Long.toHexString(address) + " is not the start of an allocated block.");
    }
  }

  void releaseAll() {
    segments.clear();
  }

  /**
   * Returns the segment of {@code count} elements of {@code width} bytes that all lie inside it.
   */
  private byte[] segment(long address, long count, int width) {
    byte[] segment = segments.get((int) (address >>> 32));
    long begin = address & 0xFFFFFFFFL;
    if (segment == null || begin + count * width > segment.length) {
      throw new BackendException(
          "Access to %d bytes at 0x%x is outside of every allocated block%s."
              .formatted(
                  count * width,
                  address,
                  segment == null ? "" : " (this block has " + segment.length + " bytes)"));
    }
    return segment;
  }

  void zero(long address, long bytes) {
    if (bytes > 0) {
      byte[] segment = segment(address, bytes, 1);
      int begin = (int) address;
      Arrays.fill(segment, begin, begin + (int) bytes, (byte) 0);
    }
  }

  boolean isBf16() {
    return bf16;
  }

  int activationBytes() {
    return bf16 ? Short.BYTES : Float.BYTES;
  }

  /** Returns what an activation array holds after {@code value} was stored in it. */
  double rounded(double value) {
    return bf16 ? fromBf16(toBf16((float) value)) : (float) value;
  }

  /** Returns the bf16 nearest to a float, ties to even; NaN stays NaN. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  double[] activations(long address, long count) {
    if (!bf16 || count == 0) {
      return floats(address, count);
    }
    byte[] segment = segment(address, count, Short.BYTES);
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = fromBf16((short) SHORTS.get(segment, (int) address + i * Short.BYTES));
    }
    return values;
  }

  void putActivations(long address, double[] values) {
    if (!bf16 || values.length == 0) {
      putFloats(address, values);
      return;
    }
    byte[] segment = segment(address, values.length, Short.BYTES);
    for (int i = 0; i < values.length; i++) {
      SHORTS.set(segment, (int) address + i * Short.BYTES, toBf16((float) values[i]));
    }
  }

  double[] floats(long address, long count) {
    if (count == 0) {
      return new double[0];
    }
    byte[] segment = segment(address, count, Float.BYTES);
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) FLOATS.get(segment, (int) address + i * Float.BYTES);
    }
    return values;
  }

  void putFloats(long address, double[] values) {
    if (values.length == 0) {
      return;
    }
    byte[] segment = segment(address, values.length, Float.BYTES);
    for (int i = 0; i < values.length; i++) {
      FLOATS.set(segment, (int) address + i * Float.BYTES, (float) values[i]);
    }
  }

  void addFloats(long address, double[] values) {
    double[] sums = floats(address, values.length);
    for (int i = 0; i < values.length; i++) {
      sums[i] += values[i];
    }
    putFloats(address, sums);
  }

  int[] ints(long address, long count) {
    int[] values = new int[Math.toIntExact(count)];
    copyInts(address, values, 0, values.length);
    return values;
  }

  void putInts(long address, int[] values) {
    putInts(address, values, 0, values.length);
  }

  double[] doubles(long address, int count) {
    double[] values = new double[count];
    copyDoubles(address, values, 0, count);
    return values;
  }

  void putDoubles(long address, double... values) {
    byte[] segment = segment(address, values.length, Double.BYTES);
    for (int i = 0; i < values.length; i++) {
      DOUBLES.set(segment, (int) address + i * Double.BYTES, values[i]);
    }
  }

  void putFloats(long address, float[] source, int offset, int count) {
    if (count > 0) {
      byte[] segment = segment(address, count, Float.BYTES);
      for (int i = 0; i < count; i++) {
        FLOATS.set(segment, (int) address + i * Float.BYTES, source[offset + i]);
      }
    }
  }

  void copyFloats(long address, float[] target, int offset, int count) {
    if (count > 0) {
      byte[] segment = segment(address, count, Float.BYTES);
      for (int i = 0; i < count; i++) {
        target[offset + i] = (float) FLOATS.get(segment, (int) address + i * Float.BYTES);
      }
    }
  }

  void putInts(long address, int[] source, int offset, int count) {
    if (count > 0) {
      byte[] segment = segment(address, count, Integer.BYTES);
      for (int i = 0; i < count; i++) {
        INTS.set(segment, (int) address + i * Integer.BYTES, source[offset + i]);
      }
    }
  }

  void copyInts(long address, int[] target, int offset, int count) {
    if (count > 0) {
      byte[] segment = segment(address, count, Integer.BYTES);
      for (int i = 0; i < count; i++) {
        target[offset + i] = (int) INTS.get(segment, (int) address + i * Integer.BYTES);
      }
    }
  }

  void copyDoubles(long address, double[] target, int offset, int count) {
    if (count > 0) {
      byte[] segment = segment(address, count, Double.BYTES);
      for (int i = 0; i < count; i++) {
        target[offset + i] = (double) DOUBLES.get(segment, (int) address + i * Double.BYTES);
      }
    }
  }
}
