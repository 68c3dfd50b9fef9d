package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.contract.KernelCase.Array;
import org.electra4j.backend.contract.KernelCase.Role;
import org.electra4j.backend.contract.KernelCase.Type;

/**
 * The arrays of a case in the memory of a backend, each between two guard zones of 64 bytes: NaN
 * around inputs, so that reading past an end shows even where zero times what was read is added.
 */
final class Buffers implements AutoCloseable {
  private static final int GUARD = 64;
  private static final byte PATTERN = (byte) 0xA5;

  /** Values and raw bytes of the outputs after a call. */
  record Result(Map<String, double[]> values, Map<String, byte[]> bytes) {
    double[] of(String name) {
      return values.get(name);
    }
  }

  private final Backend backend;
  private final Map<String, Array> arrays;
  private final Map<String, Long> blocks = new HashMap<>();
  private final Map<String, byte[]> images = new HashMap<>();

  Buffers(Backend backend, Map<String, Array> arrays) {
    this.backend = backend;
    this.arrays = arrays;
    arrays.forEach(
        (name, array) -> {
          byte[] image = image(array);
          long block = backend.alloc(image.length);
          blocks.put(name, block);
          images.put(name, image);
          backend.upload(block, toInts(image), 0, image.length / 4);
        });
  }

  /** Runs the call of a case on fresh buffers and returns its outputs, guards checked. */
  static Result run(Backend backend, KernelCase kernel) {
    try (Buffers buffers = new Buffers(backend, kernel.arrays)) {
      kernel.call.run(backend, buffers::at);
      return buffers.result();
    }
  }

  long at(String name) {
    return blocks.get(name) + GUARD;
  }

  private int width(Type type) {
    return switch (type) {
      case ACTIVATION -> backend.precision() == Precision.BF16 ? 2 : 4;
      case FLOAT, INT -> 4;
      case DOUBLE -> 8;
    };
  }

  private byte[] image(Array array) {
    int bytes = array.count() * width(array.type());
    byte[] image = new byte[GUARD + (bytes + 3) / 4 * 4 + GUARD];
    Arrays.fill(image, array.role() == Role.INPUT ? (byte) 0xFF : PATTERN);
    Arrays.fill(image, GUARD, GUARD + bytes, (byte) 0xFF);
    if (array.role() == Role.OVERWRITTEN) {
      return image;
    }
    ByteBuffer content = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).position(GUARD);
    for (int i = 0; i < array.count(); i++) {
      if (array.type() == Type.INT) {
        content.putInt(array.ints()[i]);
      } else if (width(array.type()) == 2) {
        int bits = Float.floatToRawIntBits(Values.bf16(array.floats()[i]));
        content.putShort((short) (bits >>> 16));
      } else {
        content.putFloat(array.floats()[i]);
      }
    }
    return image;
  }

  private Result result() {
    Map<String, double[]> values = new LinkedHashMap<>();
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> {
          byte[] before = images.get(name);
          int[] words = new int[before.length / 4];
          backend.download(blocks.get(name), words, 0, words.length);
          byte[] after = toBytes(words);
          int end = GUARD + array.count() * width(array.type());
          if (array.role() == Role.INPUT) {
            assertThat(after)
                .as("input %s and its guards stay as they are", name)
                .isEqualTo(before);
            return;
          }
          assertThat(Arrays.copyOf(after, GUARD))
              .as("guard before output %s", name)
              .isEqualTo(Arrays.copyOf(before, GUARD));
          assertThat(Arrays.copyOfRange(after, end, after.length))
              .as("guard after output %s", name)
              .isEqualTo(Arrays.copyOfRange(before, end, before.length));
          bytes.put(name, Arrays.copyOfRange(after, GUARD, end));
          values.put(name, values(array, after));
        });
    return new Result(values, bytes);
  }

  private double[] values(Array array, byte[] image) {
    ByteBuffer content = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).position(GUARD);
    double[] values = new double[array.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (array.type()) {
            case INT -> content.getInt();
            case DOUBLE -> content.getDouble();
            case FLOAT -> content.getFloat();
            case ACTIVATION ->
                width(array.type()) == 2
                    ? Float.intBitsToFloat(content.getShort() << 16)
                    : content.getFloat();
          };
    }
    return values;
  }

  private static int[] toInts(byte[] bytes) {
    int[] ints = new int[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ints);
    return ints;
  }

  private static byte[] toBytes(int[] ints) {
    ByteBuffer bytes = ByteBuffer.allocate(ints.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ints);
    return bytes.array();
  }

  @Override
  public void close() {
    blocks.values().forEach(backend::release);
  }
}
