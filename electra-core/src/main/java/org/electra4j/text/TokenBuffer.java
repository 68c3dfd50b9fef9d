package org.electra4j.text;

import java.util.Arrays;

/**
 * A growing list of token ids that an encoder appends to, kept and reused so that encoding a corpus
 * allocates nothing in steady state. Not thread-safe: one buffer per thread.
 */
public final class TokenBuffer {
  private final boolean withOffsets;
  private int[] ids = new int[256];
  private int[] starts;
  private int[] ends;
  private int size;

  /** Working memory of {@link WordPieceTokenizer}. */
  char[] text = new char[256];

  NormalizedText normalized;

  /** Creates an empty buffer. */
  public TokenBuffer() {
    this(false);
  }

  TokenBuffer(boolean withOffsets) {
    this.withOffsets = withOffsets;
    this.starts = withOffsets ? new int[ids.length] : null;
    this.ends = withOffsets ? new int[ids.length] : null;
  }

  /**
   * Returns the array that holds the ids in its first {@link #size()} places; valid until the next
   * append.
   */
  public int[] array() {
    return ids;
  }

  /** Returns the number of ids. */
  public int size() {
    return size;
  }

  /** Returns the id at an index below {@link #size()}. */
  public int get(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException("index " + index + ", size " + size);
    }
    return ids[index];
  }

  /** Drops all ids; the memory is kept. */
  public void clear() {
    size = 0;
  }

  /** Appends an id. */
  public void add(int id) {
    add(id, 0, 0);
  }

  /** Returns a copy of the ids. */
  public int[] toArray() {
    return Arrays.copyOf(ids, size);
  }

  void add(int id, int start, int end) {
    if (size == ids.length) {
      grow();
    }
    if (withOffsets) {
      starts[size] = start;
      ends[size] = end;
    }
    ids[size++] = id;
  }

  void truncate(int newSize) {
    size = newSize;
  }

  Encoding toEncoding(Vocabulary vocabulary) {
    return new Encoding(
        vocabulary, toArray(), Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
  }

  private void grow() {
    int capacity = Math.multiplyExact(ids.length, 2);
    ids = Arrays.copyOf(ids, capacity);
    if (withOffsets) {
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
    }
  }
}
