package org.electra4j.bench.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.electra4j.backend.Backend;
import org.electra4j.tensor.DType;

/** Arrays in backend memory that live as long as a benchmark. */
final class Operands implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  private final Backend backend;
  private final List<Long> allocated = new ArrayList<>();
  private final float[] normals = new float[BLOCK];

  Operands(Backend backend) {
    this.backend = backend;
    Random random = new Random(1);
    for (int i = 0; i < BLOCK; i++) {
      normals[i] = (float) random.nextGaussian();
    }
  }

  /** Returns the bytes of an activation element. */
  int activationBytes() {
    return DType.activation(backend.precision()).bytes();
  }

  /** Returns an activation array of normal numbers. */
  long activation(long count) {
    long wide = floats(count);
    long address = zeros(count * activationBytes());
    backend.toActivation(address, wide, count);
    backend.synchronize();
    backend.release(wide);
    allocated.remove(wide);
    return address;
  }

  /** Returns an fp32 array of normal numbers, the same 65,536 again and again. */
  long floats(long count) {
    long address = zeros(count * Float.BYTES);
    for (long first = 0; first < count; first += BLOCK) {
      int size = (int) Math.min(BLOCK, count - first);
      backend.upload(address + first * Float.BYTES, normals, 0, size);
    }
    return address;
  }

  /** Returns an i32 array. */
  long ints(int[] values) {
    long address = zeros((long) values.length * Integer.BYTES);
    backend.upload(address, values, 0, values.length);
    return address;
  }

  /** Returns zeroed memory. */
  long zeros(long bytes) {
    long address = backend.alloc(Math.max(1, bytes));
    allocated.add(address);
    backend.fillZero(address, bytes);
    return address;
  }

  @Override
  public void close() {
    allocated.forEach(backend::release);
    allocated.clear();
  }
}
