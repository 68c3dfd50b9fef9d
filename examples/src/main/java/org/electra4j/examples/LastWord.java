package org.electra4j.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command say how it ended: Ctrl-C and SIGTERM end the JVM once the hooks have returned, and
 * this one waits for it.
 */
final class LastWord implements AutoCloseable {
  private static final int SECONDS_TO_SAVE = 125;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::await, "electra-last-word");

  LastWord() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void await() {
    try {
      ended.await(SECONDS_TO_SAVE, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the shutdown is under way; the hook has just been released
    }
  }
}
