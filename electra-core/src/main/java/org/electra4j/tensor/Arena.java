package org.electra4j.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.electra4j.backend.Backend;

/**
 * One block of backend memory that a step takes its tensors from and gives back as a whole.
 *
 * <p>A step is planned before it runs: on a <i>measuring</i> arena, which has addresses but no
 * memory, the largest possible step is run with a backend that does nothing; {@link #plan} then
 * knows where each of its tensors goes. Every step of the same kind takes the same tensors in the
 * same order, none larger than in the plan, so all of them fit, however long their sequences are.
 * Not thread-safe.
 */
public final class Arena implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  /**
   * Where the tensors of a step go, in the order in which it takes them.
   *
   * @param offsets from the start of the arena
   * @param sizes largest size of each; both in bytes
   * @param bytes size of the arena that the step needs
   */
  public record Plan(List<Long> offsets, List<Long> sizes, long bytes) {}

  private final Backend backend;
  private final long base;
  private final long capacity;
  private final List<Long> offsets = new ArrayList<>();
  private final List<Long> sizes = new ArrayList<>();
  private final TreeMap<Long, Long> free = new TreeMap<>();
  private final Map<Long, Long> live = new HashMap<>();
  private Plan plan;
  private int next;
  private long end;
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

  /** Returns an arena without memory that only plans. */
  public static Arena measuring() {
    return new Arena(null, ALIGNMENT, Long.MAX_VALUE);
  }

  /** Returns the plan of what was taken from this arena since it was made. */
  public Plan plan() {
    return new Plan(List.copyOf(offsets), List.copyOf(sizes), end);
  }

  /** Gives back everything and begins a step that follows a plan. */
  public void begin(Plan plan) {
    if (plan.bytes() > capacity) {
      throw new IllegalStateException(
          "the plan needs " + plan.bytes() + " bytes, the arena has " + capacity);
    }
    this.plan = plan;
    this.next = 0;
  }

  /**
   * Returns a tensor with undefined contents.
   *
   * @throws IllegalStateException when the arena is full, or the step is larger than its plan
   */
  public Tensor tensor(DType type, int... dimensions) {
    Shape shape = Shape.of(dimensions);
    long bytes = align(shape.elements() * type.bytes());
    long offset = plan == null ? place(bytes) : planned(bytes);
    return new Tensor(base + offset, type, shape);
  }

  private long planned(long bytes) {
    if (next >= plan.sizes().size() || bytes > plan.sizes().get(next)) {
      throw new IllegalStateException(
          "the step is larger than its plan: tensor " + next + " takes " + bytes + " bytes");
    }
    return plan.offsets().get(next++);
  }

  /** Takes the smallest free piece that is large enough, or the end of the arena. */
  private long place(long bytes) {
    Map.Entry<Long, Long> best = null;
    for (Map.Entry<Long, Long> piece : free.entrySet()) {
      if (piece.getValue() >= bytes && (best == null || piece.getValue() < best.getValue())) {
        best = piece;
      }
    }
    long offset = best == null ? growth() : best.getKey();
    long size = best == null ? free.getOrDefault(offset, 0L) : best.getValue();
    if (best == null && bytes - size > capacity - end) {
      throw new IllegalStateException(
          "the arena of " + capacity + " bytes is full: " + end + " used, " + bytes + " wanted");
    }
    free.remove(offset);
    if (size > bytes) {
      free.put(offset + bytes, size - bytes);
    }
    end = Math.max(end, offset + bytes);
    live.put(offset, bytes);
    offsets.add(offset);
    sizes.add(bytes);
    return offset;
  }

  /** Where the arena grows: at its end, or at the free piece that lies there. */
  private long growth() {
    Map.Entry<Long, Long> last = free.lastEntry();
    return last != null && last.getKey() + last.getValue() == end ? last.getKey() : end;
  }

  /** Makes the memory of a tensor available to later ones; {@code null} does nothing. */
  public void release(Tensor tensor) {
    if (tensor == null || plan != null) {
      return;
    }
    long offset = tensor.address() - base;
    Long size = live.remove(offset);
    if (size == null) {
      throw new IllegalStateException(tensor + " was released twice, or is not of this arena");
    }
    Map.Entry<Long, Long> before = free.floorEntry(offset);
    if (before != null && before.getKey() + before.getValue() == offset) {
      offset = before.getKey();
      size += before.getValue();
    }
    Map.Entry<Long, Long> after = free.higherEntry(offset);
    if (after != null && offset + size == after.getKey()) {
      free.remove(after.getKey());
      size += after.getValue();
    }
    free.put(offset, size);
  }

  /** Gives back everything and ends a plan. */
  public void reset() {
    plan = null;
    end = 0;
    free.clear();
    live.clear();
    offsets.clear();
    sizes.clear();
  }

  /** Returns the bytes that were in use at most since the last reset. */
  public long peakBytes() {
    return end;
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
