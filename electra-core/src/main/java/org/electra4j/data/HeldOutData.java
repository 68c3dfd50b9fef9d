package org.electra4j.data;

import java.util.stream.LongStream;

/**
 * The held-out examples in order of the text, each once; the last batch may be smaller.
 * Thread-safe.
 */
public final class HeldOutData implements BatchSource {
  private final ExampleIndex index;
  private final int batchSize;

  HeldOutData(ExampleIndex index, int batchSize) {
    this.index = index;
    this.batchSize = batchSize;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public long examples() {
    return index.examples();
  }

  /** Returns the number of batches; 0 if nothing is held out. */
  public long batches() {
    return (examples() + batchSize - 1) / batchSize;
  }

  /**
   * Returns batch {@code number}.
   *
   * @throws IndexOutOfBoundsException if {@code number} is outside {@code [0, batches())}
   */
  @Override
  public PretrainingBatch batch(long number) {
    if (number < 0 || number >= batches()) {
      throw new IndexOutOfBoundsException(
          "There is no held-out batch " + number + ", only " + batches());
    }
    long first = number * batchSize;
    long end = Math.min(first + batchSize, examples());
    return pack(index, LongStream.range(first, end).toArray());
  }

  /** Lays examples end to end. */
  static PretrainingBatch pack(ExampleIndex index, long[] examples) {
    int[] cuSeqlens = new int[examples.length + 1];
    for (int i = 0; i < examples.length; i++) {
      cuSeqlens[i + 1] = Math.addExact(cuSeqlens[i], index.length(examples[i]));
    }
    int tokens = cuSeqlens[examples.length];
    int[] inputIds = new int[tokens];
    int[] tokenTypeIds = new int[tokens];
    int[] positionIds = new int[tokens];
    for (int i = 0; i < examples.length; i++) {
      index.write(examples[i], inputIds, tokenTypeIds, cuSeqlens[i]);
      for (int t = cuSeqlens[i]; t < cuSeqlens[i + 1]; t++) {
        positionIds[t] = t - cuSeqlens[i];
      }
    }
    return new PretrainingBatch(inputIds, tokenTypeIds, positionIds, cuSeqlens);
  }

  @Override
  public void close() {
    index.close();
  }
}
