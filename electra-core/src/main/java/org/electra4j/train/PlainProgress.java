package org.electra4j.train;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Lines for files and pipes: of unfinished work at most one in ten seconds. */
final class PlainProgress implements ProgressDisplay {
  private static final long INTERVAL_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final LongSupplier nanoTime;
  private String task = "";
  private long shownAt;

  PlainProgress(PrintStream out, LongSupplier nanoTime) {
    this.out = out;
    this.nanoTime = nanoTime;
  }

  @Override
  public void show(String newTask, long done, long total, List<String> fields) {
    long now = nanoTime.getAsLong();
    if (newTask.equals(task) && now - shownAt < INTERVAL_NANOS && done != total) {
      return;
    }
    task = newTask;
    shownAt = now;
    String percent = total > 0 ? String.format(Locale.ROOT, " %.0f%%", 100.0 * done / total) : "";
    out.println(newTask + percent);
  }

  @Override
  public void line(String text) {
    out.println(text);
  }

  @Override
  public boolean isLines() {
    return true;
  }

  @Override
  public void finish() {
    task = "";
    out.flush();
  }
}
