package org.electra4j.data;

import java.util.ArrayDeque;

/**
 * Builds batches ahead of their consumer on one daemon thread named "electra-data", in order of
 * number.
 *
 * <p>One consumer thread calls {@link #next()}; {@link #close()} may come from any thread. The
 * source is not closed.
 */
public final class BatchPrefetcher implements AutoCloseable {
  private final BatchSource source;
  private final int ahead;
  private final ArrayDeque<PretrainingBatch> ready = new ArrayDeque<>();
  private final Thread thread;
  private Throwable failure;
  private long failedNumber;
  private boolean closed;
  private long waitedNanos;

  /**
   * Starts building batches {@code firstNumber}, {@code firstNumber + 1} …, at most {@code ahead}
   * of them waiting at a time.
   *
   * @throws IllegalArgumentException if {@code firstNumber} is negative or {@code ahead} not
   *     positive
   */
  public BatchPrefetcher(BatchSource source, long firstNumber, int ahead) {
    if (firstNumber < 0 || ahead < 1) {
      throw new IllegalArgumentException(
          "A prefetcher needs firstNumber >= 0 and ahead >= 1, got "
              + firstNumber
              + " and "
              + ahead);
    }
    this.source = source;
    this.ahead = ahead;
    this.thread = new Thread(() -> produce(firstNumber), "electra-data");
    thread.setDaemon(true);
    thread.start();
  }

  private void produce(long firstNumber) {
    long number = firstNumber;
    try {
      while (awaitRoom()) {
        PretrainingBatch batch = source.batch(number++);
        synchronized (this) {
          ready.add(batch);
          notifyAll();
        }
      }
    } catch (InterruptedException e) {
      fail(number, e);
    } catch (Throwable e) {
      fail(number - 1, e);
    }
  }

  private synchronized boolean awaitRoom() throws InterruptedException {
    while (!closed && ready.size() >= ahead) {
      wait();
    }
    return !closed;
  }

  private synchronized void fail(long number, Throwable cause) {
    failure = cause;
    failedNumber = number;
    notifyAll();
  }

  /**
   * Returns the next batch, waiting for it if it is not built yet.
   *
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the prefetcher is closed, or the batch could not be built:
   *     then with the batch's number and the cause
   */
  public synchronized PretrainingBatch next() throws InterruptedException {
    if (ready.isEmpty() && failure == null && !closed) {
      long start = System.nanoTime();
      try {
        while (ready.isEmpty() && failure == null && !closed) {
          wait();
        }
      } finally {
        waitedNanos += System.nanoTime() - start;
      }
    }
    if (closed) {
      throw new IllegalStateException("The batch prefetcher is closed");
    }
    if (ready.isEmpty()) {
      throw new IllegalStateException(
          "Batch " + failedNumber + " could not be built: " + failure.getMessage(), failure);
    }
    PretrainingBatch batch = ready.remove();
    notifyAll();
    return batch;
  }

  /**
   * Returns how long {@link #next()} has waited in all, in nanoseconds: the time that data cost.
   */
  public synchronized long waitedNanos() {
    return waitedNanos;
  }

  /** Stops the thread and wakes a waiting consumer; returns when the thread has ended. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      ready.clear();
      notifyAll();
    }
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
