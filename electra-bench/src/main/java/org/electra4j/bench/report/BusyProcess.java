package org.electra4j.bench.report;

import java.io.IOException;

/** A process at full load on one core with the lowest priority, until it is closed. */
final class BusyProcess implements AutoCloseable {
  private final Process process;
  private final Thread hook;

  private BusyProcess(Process process) {
    this.process = process;
    this.hook = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  static BusyProcess start() throws IOException {
    return new BusyProcess(
        new ProcessBuilder("nice", "-n", "19", "sh", "-c", "while :; do :; done").start());
  }

  boolean isRunning() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
