package org.electra4j.tensor;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.electra4j.backend.Backend;

/**
 * One block of backend memory that a step takes its tensors from and gives back as a whole.
 *
 * <p>Tensors are cut off the front; a released one is kept for the next tensor of the same size. A
 * <i>measuring</i> arena has addresses but no memory: a step run on it with a backend that does
 * nothing tells how many bytes the real step needs, before it runs. Not thread-safe.
 */
public final class Arena implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Backend backend;
  private final long base;
  private final long capacity;
  private final Map<Long, ArrayDeque<Long>> free = new HashMap<>();
  private long used;
  private long peak;
  private boolean closed;

  private Arena(Backend backend, long base, long capacity) {
    this.backend = backend;
    this.base = base;
    this.capacity = capacity;
  }

  /** Returns an arena of {@code bytes} bytes on a backend. */
  public static Arena allocate(Backend backend, long bytes) {
    return new Arena(backend, backend.alloc(Math.max(ALIGNMENT, bytes)), bytes);
  }

  /** Returns an arena without memory that only counts. */
  public static Arena measuring() {
    return new Arena(null, ALIGNMENT, Long.MAX_VALUE);
  }

  /**
   * Returns a tensor with undefined contents.
   *
   * @throws IllegalStateException when the arena is full
   */
  public Tensor tensor(DType type, int... sizes) {
    Shape shape = Shape.of(sizes);
    long bytes = align(shape.elements() * type.bytes());
    ArrayDeque<Long> reusable = free.get(bytes);
    if (reusable != null && !reusable.isEmpty()) {
      return new Tensor(reusable.pop(), type, shape);
    }
    if (bytes > capacity - used) {
      throw new IllegalStateException(
          "the arena of " + capacity + " bytes is full: " + used + " used, " + bytes + " wanted");
    }
    Tensor tensor = new Tensor(base + used, type, shape);
    used += bytes;
    peak = Math.max(peak, used);
    return tensor;
  }

  /** Makes the memory of a tensor available to later ones; {@code null} does nothing. */
  public void release(Tensor tensor) {
    if (tensor != null) {
      free.computeIfAbsent(align(tensor.bytes()), k -> new ArrayDeque<>()).push(tensor.address());
    }
  }

  /** Gives back everything. */
  public void reset() {
    used = 0;
    free.clear();
  }

  /** Returns the largest number of bytes in use so far. */
  public long peakBytes() {
    return peak;
  }

  /** Returns the size of the arena in bytes. */
  public long capacity() {
    return capacity;
  }

  private static long align(long bytes) {
    return Math.max(1, (bytes + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
  }

  @Override
  public void close() {
    if (!closed && backend != null) {
      backend.release(base);
    }
    closed = true;
  }
}
