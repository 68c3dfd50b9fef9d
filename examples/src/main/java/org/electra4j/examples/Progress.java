package org.electra4j.examples;

import java.io.PrintStream;

/**
 * One line that is written over on a terminal; elsewhere a line for each tenth of the work, so that
 * logs stay short.
 */
final class Progress {
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintStream err;
  private final boolean terminal;
  private String stage = "";
  private long lastTenth;
  private long lastDraw;
  private boolean open;

  Progress(PrintStream err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** Returns progress on standard error. */
  static Progress on(Streams streams) {
    return new Progress(streams.err(), streams.errIsTerminal());
  }

  /** Shows how far a stage is; {@code total} is -1 when unknown. */
  void update(String what, long done, long total) {
    if (!what.equals(stage)) {
      finish();
      stage = what;
      lastTenth = 0;
    }
    boolean complete = done == total;
    if (terminal) {
      long now = System.nanoTime();
      if (complete || now - lastDraw >= REDRAW_NANOS) {
        lastDraw = now;
        err.print("\r\u001b[K" + text(done, total));
        err.flush();
        open = true;
      }
      return;
    }
    long tenth = total > 0 ? done * 10 / total : 0;
    if (tenth > lastTenth) {
      lastTenth = tenth;
      err.println(text(done, total));
    }
  }

  private String text(long done, long total) {
    return total > 0
        ? String.format("%s: %d %%", stage, done * 100 / total)
        : String.format("%s: %,d", stage, done);
  }

  /** Ends the line. */
  void finish() {
    if (open) {
      err.println();
      open = false;
    }
  }
}
