package org.electra4j.backend.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;

/** The choice of masked positions, and corruption by samples. */
final class Masking {
  private final long seed;
  private final long step;

  Masking(long seed, long step) {
    this.seed = seed;
    this.step = step;
  }

  void maskTokens(
      Memory memory,
      long maskedIds,
      long positions,
      long labels,
      int[] ids,
      int[] cuSeqlens,
      int[] cuMasked,
      int m,
      float maskTokenProb,
      boolean withReplacement,
      int cls,
      int sep,
      int mask) {
    int[] chosen = new int[m];
    for (int sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
      int[] candidates =
          IntStream.range(cuSeqlens[sequence], cuSeqlens[sequence + 1])
              .filter(row -> ids[row] != cls && ids[row] != sep && ids[row] != mask)
              .toArray();
      int firstSlot = cuMasked[sequence];
      int[] rows =
          withReplacement
              ? drawWithReplacement(candidates, firstSlot, cuMasked[sequence + 1])
              : smallest(candidates, cuMasked[sequence + 1] - firstSlot);
      Arrays.sort(rows);
      System.arraycopy(rows, 0, chosen, firstSlot, rows.length);
    }
    int[] masked = ids.clone();
    int[] originals = new int[m];
    for (int slot = 0; slot < m; slot++) {
      int row = chosen[slot];
      originals[slot] = ids[row];
      boolean first = slot == 0 || chosen[slot - 1] != row;
      if (first && Philox.uniform(seed, RandomStreams.MASK_KEEP, step, slot) < maskTokenProb) {
        masked[row] = mask;
      }
    }
    memory.putInts(maskedIds, masked);
    memory.putInts(positions, chosen);
    memory.putInts(labels, originals);
  }

  private int[] drawWithReplacement(int[] candidates, int firstSlot, int endSlot) {
    return IntStream.range(firstSlot, endSlot)
        .map(
            slot -> {
              long bits = Philox.word(seed, RandomStreams.MASK_SELECT, step, slot) >>> 8;
              return candidates[(int) (bits * candidates.length >>> 24)];
            })
        .toArray();
  }

  private int[] smallest(int[] candidates, int count) {
    return Arrays.stream(candidates)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingLong(
                    row -> Philox.word(seed, RandomStreams.MASK_SELECT, step, row) & 0xFFFFFFFFL)
                .thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .mapToInt(row -> row)
        .toArray();
  }

  static void corruptTokens(
      Memory memory, long corrupted, long replaced, int[] ids, int[] positions, int[] sampled) {
    int[] tokens = ids.clone();
    for (int slot = positions.length - 1; slot >= 0; slot--) {
      tokens[positions[slot]] = sampled[slot];
    }
    int[] labels = new int[ids.length];
    for (int row = 0; row < ids.length; row++) {
      labels[row] = tokens[row] != ids[row] ? 1 : 0;
    }
    memory.putInts(corrupted, tokens);
    memory.putInts(replaced, labels);
  }
}
