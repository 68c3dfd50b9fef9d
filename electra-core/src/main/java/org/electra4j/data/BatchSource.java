package org.electra4j.data;

/** Batches as a function of their number, so that a run can resume anywhere. Thread-safe. */
public interface BatchSource extends AutoCloseable {

  /** Returns the number of sequences in a batch. */
  int batchSize();

  /** Returns the number of examples in one epoch. */
  long examples();

  /** Returns batch {@code number}, 0, 1, 2 …; the same arrays every time it is asked. */
  PretrainingBatch batch(long number);

  @Override
  void close();
}
