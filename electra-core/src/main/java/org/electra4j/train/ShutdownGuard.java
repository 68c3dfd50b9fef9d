package org.electra4j.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Lets a run save when the process is asked to end (Ctrl-C, SIGTERM): the shutdown waits for it.
 */
public final class ShutdownGuard implements AutoCloseable {
  private static final int SECONDS_TO_SAVE = 120;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  /**
   * Guards the run of the calling thread.
   *
   * @param stop asks the run to stop, for a reason; while it is {@code preparing}, its thread is
   *     interrupted
   */
  public ShutdownGuard(Consumer<String> stop, BooleanSupplier preparing) {
    Thread run = Thread.currentThread();
    this.hook = new Thread(() -> stopAndWait(stop, run, preparing), "electra-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stopAndWait(Consumer<String> stop, Thread run, BooleanSupplier preparing) {
    stop.accept("the process was asked to end");
    if (preparing.getAsBoolean()) {
      run.interrupt();
    }
    try {
      done.await(SECONDS_TO_SAVE, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the shutdown is under way; the hook has just been released
    }
  }
}
