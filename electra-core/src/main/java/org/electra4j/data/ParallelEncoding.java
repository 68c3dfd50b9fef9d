package org.electra4j.data;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Reads chunks, encodes them on a fixed number of threads and writes them in the order in which
 * they were read, so that the result does not depend on the number of threads. Errors, too, come in
 * that order.
 */
final class ParallelEncoding {
  private final CorpusPreparer.ChunkSource chunks;
  private final CorpusWriter writer;
  private final Supplier<ChunkEncoder> encoders;
  private final CorpusProgress progress;
  private final long totalBytes;
  private final ConcurrentLinkedQueue<ChunkEncoder> idle = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Future<ChunkEncoder.Encoded>> pending = new ArrayDeque<>();
  private long doneBytes;

  ParallelEncoding(
      CorpusPreparer.ChunkSource chunks,
      CorpusWriter writer,
      Supplier<ChunkEncoder> encoders,
      CorpusProgress progress,
      long totalBytes) {
    this.chunks = chunks;
    this.writer = writer;
    this.encoders = encoders;
    this.progress = progress;
    this.totalBytes = totalBytes;
  }

  /** Encodes everything and returns the bytes of input that were read. */
  long run(int threads) throws IOException, InterruptedException {
    AtomicInteger number = new AtomicInteger();
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "electra-prepare-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (TextChunk chunk = read(); chunk != null; chunk = read()) {
        TextChunk next = chunk;
        pending.add(pool.submit(() -> encode(next)));
        if (pending.size() > 2 * threads) {
          writeOldest();
        }
      }
      writePending();
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
    return doneBytes;
  }

  private TextChunk read() throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("The preparation of the corpus was interrupted");
    }
    try {
      return chunks.next();
    } catch (IOException | RuntimeException e) {
      writePending();
      throw e;
    }
  }

  private ChunkEncoder.Encoded encode(TextChunk chunk) {
    ChunkEncoder free = idle.poll();
    ChunkEncoder encoder = free == null ? encoders.get() : free;
    ChunkEncoder.Encoded encoded = encoder.encode(chunk);
    idle.add(encoder);
    return encoded;
  }

  private void writePending() throws IOException, InterruptedException {
    while (!pending.isEmpty()) {
      writeOldest();
    }
  }

  private void writeOldest() throws IOException, InterruptedException {
    ChunkEncoder.Encoded encoded;
    try {
      encoded = pending.remove().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("Cannot encode the corpus: " + e.getCause(), e.getCause());
    }
    writer.write(encoded);
    doneBytes += encoded.readBytes();
    progress.update(doneBytes, totalBytes);
  }

  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = false;
    try {
      while (!pool.awaitTermination(1, TimeUnit.SECONDS)) {
        interrupted |= Thread.interrupted();
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
