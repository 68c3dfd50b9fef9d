package org.electra4j.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;

/** Choice and corruption of the masked positions, in sequences of 128 tokens. */
public class MaskingBench extends KernelBench {
  private static final int SEQ_LENGTH = 128;
  private static final int CLS = 101;
  private static final int SEP = 102;
  private static final int MASK = 103;

  private int sequences;
  private int m;
  private long ids;
  private long cuSeqlens;
  private long cuMasked;
  private long maskedIds;
  private long positions;
  private long labels;
  private long corrupted;
  private long replaced;

  @Override
  void allocate() {
    int[] offsets = offsets(SEQ_LENGTH);
    sequences = offsets.length - 1;
    int[] slots = new int[sequences + 1];
    for (int i = 0; i <= sequences; i++) {
      slots[i] = (int) ((long) offsets[i] * masked() / tokens);
    }
    m = slots[sequences];
    ids = operands.ints(wordIds(tokens));
    cuSeqlens = operands.ints(offsets);
    cuMasked = operands.ints(slots);
    maskedIds = operands.zeros((long) tokens * Integer.BYTES);
    positions = operands.zeros((long) m * Integer.BYTES);
    labels = operands.zeros((long) m * Integer.BYTES);
    corrupted = operands.zeros((long) tokens * Integer.BYTES);
    replaced = operands.zeros((long) tokens * Integer.BYTES);
    runMask();
  }

  private void runMask() {
    backend.maskTokens(
        maskedIds,
        positions,
        labels,
        ids,
        cuSeqlens,
        cuMasked,
        sequences,
        tokens,
        m,
        0.85f,
        false,
        CLS,
        SEP,
        MASK,
        SEED,
        nextStep());
  }

  /** Reads ids, writes masked ids, positions and labels: {@code 8 t + 8 m} bytes. */
  @Benchmark
  public void mask(MemoryRates rates) {
    runMask();
    count(rates, 8.0 * tokens + 8.0 * m);
  }

  /** Reads ids, positions and samples, writes corrupted and replaced: {@code 12 t + 8 m} bytes. */
  @Benchmark
  public void corrupt(MemoryRates rates) {
    backend.corruptTokens(corrupted, replaced, ids, positions, labels, tokens, m);
    count(rates, 12.0 * tokens + 8.0 * m);
  }
}
