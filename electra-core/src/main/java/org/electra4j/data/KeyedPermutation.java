package org.electra4j.data;

import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;

/**
 * A shuffle of {@code 0 … size-1} that is computed, not stored: position to element in constant
 * memory.
 *
 * <p>A balanced Feistel network over the smallest even number of bits that holds {@code size}, with
 * Philox (stream {@link RandomStreams#DATA_ORDER}, step = epoch, block = round and half) as the
 * round function; results outside the range are sent through again ("cycle walking": Black and
 * Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA 2002), at most four times on average.
 * Immutable and thread-safe.
 */
public final class KeyedPermutation {
  private static final int ROUNDS = 8;

  private final long size;
  private final long seed;
  private final long epoch;
  private final int halfBits;
  private final long halfMask;

  /**
   * Makes the permutation of one epoch.
   *
   * @throws IllegalArgumentException if {@code size} is not positive
   */
  public KeyedPermutation(long size, long seed, long epoch) {
    if (size <= 0) {
      throw new IllegalArgumentException("A permutation needs a positive size, got " + size);
    }
    this.size = size;
    this.seed = seed;
    this.epoch = epoch;
    int bits = 64 - Long.numberOfLeadingZeros(size - 1);
    this.halfBits = Math.max(1, (bits + 1) / 2);
    this.halfMask = (1L << halfBits) - 1;
  }

  /** Returns the number of elements. */
  public long size() {
    return size;
  }

  /**
   * Returns the element at a position.
   *
   * @throws IndexOutOfBoundsException if {@code position} is outside {@code [0, size)}
   */
  public long apply(long position) {
    if (position < 0 || position >= size) {
      throw new IndexOutOfBoundsException("Position " + position + " is outside [0, " + size + ")");
    }
    int[] words = new int[4];
    long element = position;
    do {
      element = encipher(element, words);
    } while (element >= size);
    return element;
  }

  private long encipher(long value, int[] words) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (int round = 0; round < ROUNDS; round++) {
      Philox.block(seed, RandomStreams.DATA_ORDER, epoch, (long) round << 32 | right, words);
      long mixed = (left ^ words[0]) & halfMask;
      left = right;
      right = mixed;
    }
    return left << halfBits | right;
  }
}
