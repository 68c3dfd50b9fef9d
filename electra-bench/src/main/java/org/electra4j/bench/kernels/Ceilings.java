package org.electra4j.bench.kernels;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.electra4j.backend.Backend;

/** What this machine reaches at best, measured in the process that measures a kernel. */
public final class Ceilings {
  private static final int GEMM_SIZE = 2048;
  private static final long GEMM_NANOS = 400_000_000;
  private static final long COPY_NANOS = 100_000_000;
  private static final int COPY_TRIES = 3;
  private static final int MIN_COPY_BYTES = 4096;

  private static final int COPY_WIDTH = 1024;
  private static final int CALLS_PER_WAIT = 64;

  private final Backend backend;
  private final boolean onCard;
  private final int gemmSize;
  private final Map<Long, Double> copies = new HashMap<>();
  private double gemm;

  /** Ceilings of a backend; {@code quick} takes a product too small to be one. */
  public Ceilings(Backend backend, boolean quick) {
    this.backend = backend;
    this.onCard = backend.device().startsWith("cuda");
    this.gemmSize = quick ? GEMM_SIZE / 32 : GEMM_SIZE;
  }

  /** Returns the GFLOP/s of a square product of 2,048 through the backend: the best of 0.4 s. */
  public double gemmGigaflops() {
    if (gemm == 0) {
      gemm = measureGemm();
    }
    return gemm;
  }

  private double measureGemm() {
    int n = gemmSize;
    try (Operands operands = new Operands(backend)) {
      long x = operands.activation((long) n * n);
      long w = operands.activation((long) n * n);
      long y = operands.activation((long) n * n);
      long best = Long.MAX_VALUE;
      long end = System.nanoTime() + GEMM_NANOS;
      do {
        long start = System.nanoTime();
        backend.gemmForward(y, 0, x, w, 0, n, n, n, false);
        backend.synchronize();
        best = Math.min(best, System.nanoTime() - start);
      } while (System.nanoTime() < end);
      return 2.0 * n * n * n / best;
    }
  }

  /**
   * Returns the GB/s at which as many threads as the backend has copy {@code bytes / 2} bytes from
   * one array to another, over and over, reads and writes counted: the best of three. What fits the
   * caches stays there, as it would for a kernel that touches {@code bytes}. On a card the copy is
   * {@link Backend#gatherRows} of all rows in their order.
   */
  public double copyGigabytes(long bytes) {
    return copies.computeIfAbsent(bytes, onCard ? this::measureGather : this::measureCopy);
  }

  private double measureGather(long bytes) {
    try (Operands operands = new Operands(backend)) {
      int width = COPY_WIDTH;
      int rows = (int) Math.max(1, bytes / 2 / width / operands.activationBytes());
      long x = operands.activation((long) rows * width);
      long y = operands.activation((long) rows * width);
      long positions = operands.ints(IntStream.range(0, rows).toArray());
      double best = 0;
      for (int i = 0; i < COPY_TRIES; i++) {
        long start = System.nanoTime();
        int calls = 0;
        do {
          for (int j = 0; j < CALLS_PER_WAIT; j++) {
            backend.gatherRows(y, x, positions, rows, rows, width);
          }
          backend.synchronize();
          calls += CALLS_PER_WAIT;
        } while (System.nanoTime() - start < COPY_NANOS);
        double moved = 2.0 * calls * rows * width * operands.activationBytes();
        best = Math.max(best, moved / (System.nanoTime() - start));
      }
      return best;
    }
  }

  private double measureCopy(long bytes) {
    double best = 0;
    for (int i = 0; i < COPY_TRIES; i++) {
      best = Math.max(best, copyOnce(bytes));
    }
    return best;
  }

  private double copyOnce(long bytes) {
    int threads = backend.threads();
    int share = (int) Math.min(1 << 30, Math.max(MIN_COPY_BYTES, bytes / 2 / threads));
    List<Copier> copiers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      copiers.add(new Copier(share));
    }
    copiers.forEach(Thread::start);
    double rate = 0;
    for (Copier copier : copiers) {
      try {
        copier.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a copy was measured", e);
      }
      rate += copier.gigabytes;
    }
    return rate;
  }

  private static final class Copier extends Thread {
    private final ByteBuffer source;
    private final ByteBuffer target;
    private double gigabytes;

    Copier(int bytes) {
      source = ByteBuffer.allocateDirect(bytes);
      target = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void run() {
      copy();
      long start = System.nanoTime();
      long copied = 0;
      long elapsed;
      do {
        copy();
        copied += source.capacity();
        elapsed = System.nanoTime() - start;
      } while (elapsed < COPY_NANOS);
      gigabytes = 2.0 * copied / elapsed;
    }

    private void copy() {
      target.put(0, source, 0, source.capacity());
    }
  }
}
