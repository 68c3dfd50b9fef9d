package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchPrefetcherTest {

  /** Gives batches of one token, the number; a test overrides what happens on the way. */
  private static class Numbers implements BatchSource {
    final AtomicInteger built = new AtomicInteger();

    void before(long number) throws InterruptedException {}

    @Override
    public int batchSize() {
      return 1;
    }

    @Override
    public long examples() {
      return Long.MAX_VALUE;
    }

    @Override
    public PretrainingBatch batch(long number) {
      try {
        before(number);
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted", e);
      }
      built.incrementAndGet();
      return new PretrainingBatch(
          new int[] {(int) number}, new int[1], new int[1], new int[] {0, 1});
    }

    @Override
    public void close() {
      throw new AssertionError("The prefetcher does not own its source");
    }
  }

  @Test
  void givesBatchesInOrderFromTheFirst() throws Exception {
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(new Numbers(), 17, 3)) {
      for (int i = 17; i < 200; i++) {
        assertThat(prefetcher.next().inputIds()).containsExactly(i);
      }
    }
  }

  @Test
  void buildsAheadButNoFurther() throws Exception {
    Numbers source = new Numbers();
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(source, 0, 4)) {
      prefetcher.next();
      while (source.built.get() < 5) {
        Thread.sleep(1);
      }
      Thread.sleep(50);
      assertThat(source.built).hasValue(5);
    }
  }

  @Test
  void runsOnOneDaemonThreadWithItsName() throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    Numbers source =
        new Numbers() {
          @Override
          void before(long number) {
            thread.set(Thread.currentThread());
          }
        };
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(source, 0, 1)) {
      prefetcher.next();
      assertThat(thread.get().getName()).isEqualTo("electra-data");
      assertThat(thread.get().isDaemon()).isTrue();
    }
    assertThat(thread.get().isAlive()).isFalse();
  }

  @Test
  void measuresHowLongTheConsumerWaited() throws Exception {
    Numbers slow =
        new Numbers() {
          @Override
          void before(long number) throws InterruptedException {
            Thread.sleep(20);
          }
        };
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(slow, 0, 1)) {
      for (int i = 0; i < 5; i++) {
        prefetcher.next();
      }
      assertThat(prefetcher.waitedNanos())
          .isBetween(TimeUnit.MILLISECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(20));
    }
  }

  @Test
  void doesNotCountBatchesThatWereReady() throws Exception {
    Numbers source = new Numbers();
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(source, 0, 8)) {
      while (source.built.get() < 8) {
        Thread.sleep(1);
      }
      Thread.sleep(20);
      for (int i = 0; i < 8; i++) {
        prefetcher.next();
      }
      assertThat(prefetcher.waitedNanos()).isZero();
    }
  }

  @Test
  void aFailureComesAfterTheBatchesBeforeItAndStays() throws Exception {
    Numbers failing =
        new Numbers() {
          @Override
          void before(long number) {
            if (number == 2) {
              throw new IllegalArgumentException("broken disk");
            }
          }
        };
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(failing, 0, 8)) {
      assertThat(prefetcher.next().inputIds()).containsExactly(0);
      assertThat(prefetcher.next().inputIds()).containsExactly(1);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(prefetcher::next)
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("Batch 2 could not be built: broken disk")
            .hasCauseInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void closeWakesProducerAndConsumer() throws Exception {
    CountDownLatch building = new CountDownLatch(1);
    Numbers stuck =
        new Numbers() {
          @Override
          void before(long number) throws InterruptedException {
            building.countDown();
            Thread.sleep(TimeUnit.HOURS.toMillis(1));
          }
        };
    BatchPrefetcher prefetcher = new BatchPrefetcher(stuck, 0, 1);
    AtomicReference<Throwable> seen = new AtomicReference<>();
    Thread consumer =
        new Thread(
            () -> {
              try {
                prefetcher.next();
              } catch (Throwable e) {
                seen.set(e);
              }
            });
    consumer.start();
    building.await();
    prefetcher.close();
    consumer.join();
    assertThat(seen.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The batch prefetcher is closed");
    prefetcher.close();
  }

  @Test
  void aWaitingConsumerCanBeInterrupted() {
    Numbers stuck =
        new Numbers() {
          @Override
          void before(long number) throws InterruptedException {
            Thread.sleep(TimeUnit.HOURS.toMillis(1));
          }
        };
    try (BatchPrefetcher prefetcher = new BatchPrefetcher(stuck, 0, 1)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(prefetcher::next).isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void refusesWrongArguments() {
    assertThatThrownBy(() -> new BatchPrefetcher(new Numbers(), -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BatchPrefetcher(new Numbers(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ahead >= 1, got 0 and 0");
  }
}
