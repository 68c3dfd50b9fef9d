package org.electra4j.text;

import java.util.Arrays;

/** A hash table from pairs of symbols (non-negative longs) to counts; open addressing. */
final class PairCounts {
  private static final long EMPTY = -1;

  private long[] keys = new long[1 << 16];
  private long[] counts = new long[1 << 16];
  private int size;

  PairCounts() {
    Arrays.fill(keys, EMPTY);
  }

  /** Returns the count of a pair, 0 if it was never added. */
  long get(long pair) {
    int slot = slot(keys, pair);
    return keys[slot] == pair ? counts[slot] : 0;
  }

  /** Adds to the count of a pair. */
  void add(long pair, long amount) {
    int slot = slot(keys, pair);
    if (keys[slot] != pair) {
      if (++size > keys.length / 2) {
        grow();
        slot = slot(keys, pair);
      }
      keys[slot] = pair;
    }
    counts[slot] += amount;
  }

  private void grow() {
    long[] newKeys = new long[keys.length * 2];
    long[] newCounts = new long[keys.length * 2];
    Arrays.fill(newKeys, EMPTY);
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != EMPTY) {
        int slot = slot(newKeys, keys[i]);
        newKeys[slot] = keys[i];
        newCounts[slot] = counts[i];
      }
    }
    keys = newKeys;
    counts = newCounts;
  }

  /** Returns the place of a key, or the empty place where it belongs (Fibonacci hashing). */
  private static int slot(long[] keys, long key) {
    int mask = keys.length - 1;
    int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (keys[slot] != key && keys[slot] != EMPTY) {
      slot = slot + 1 & mask;
    }
    return slot;
  }
}
