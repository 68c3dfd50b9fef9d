package org.electra4j.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run save when the process is asked to end (Ctrl-C, SIGTERM): the shutdown waits for it.
 */
final class ShutdownGuard implements AutoCloseable {
  private static final int SECONDS_TO_SAVE = 120;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  ShutdownGuard(TrainingSession session) {
    this.hook = new Thread(() -> stopAndWait(session), "electra-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stopAndWait(TrainingSession session) {
    session.stop("the process was asked to end");
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
