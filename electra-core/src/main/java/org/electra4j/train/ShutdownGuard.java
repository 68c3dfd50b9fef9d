package org.electra4j.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Lets a run save when the process is asked to end (Ctrl-C, SIGTERM): the shutdown waits for it.
 */
final class ShutdownGuard implements AutoCloseable {
  private static final int SECONDS_TO_SAVE = 120;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  /** Guards the run of the calling thread; while it is {@code preparing}, it is interrupted. */
  ShutdownGuard(TrainingSession session, BooleanSupplier preparing) {
    Thread run = Thread.currentThread();
    this.hook = new Thread(() -> stopAndWait(session, run, preparing), "electra-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stopAndWait(TrainingSession session, Thread run, BooleanSupplier preparing) {
    session.stop("the process was asked to end");
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
