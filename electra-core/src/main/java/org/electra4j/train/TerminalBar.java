package org.electra4j.train;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** One line of a terminal, redrawn five times a second by {@code me.tongfei:progressbar}. */
final class TerminalBar implements ProgressDisplay {
  private static final int REFRESH_MILLIS = 200;
  private static final int LEAST_BAR = 8;
  private static final int MOST_BAR = 30;

  private final PrintStream out;
  private final int width;
  private ProgressBar bar;
  private volatile String text = "";
  private String task = "";

  TerminalBar(PrintStream out, int width) {
    this.out = out;
    this.width = width;
  }

  @Override
  public void show(String newTask, long done, long total, List<String> fields) {
    if (bar != null && !newTask.equals(task)) {
      finish();
    }
    text = render(newTask, done, total, fields, width);
    if (bar == null) {
      task = newTask;
      // A given width keeps the library from opening the terminal, which would take over Ctrl-C.
      bar =
          new ProgressBarBuilder()
              .setUpdateIntervalMillis(REFRESH_MILLIS)
              .setInitialMax(Math.max(total, 0))
              .setConsumer(new ConsoleProgressBarConsumer(out, width))
              .setRenderer((state, most) -> text)
              .continuousUpdate()
              .build();
    }
  }

  @Override
  public void line(String line) {
    out.print("\r" + pad(line, width) + System.lineSeparator());
    if (bar != null) {
      bar.refresh();
    }
  }

  @Override
  public boolean isLines() {
    return false;
  }

  @Override
  public void finish() {
    if (bar != null) {
      bar.close();
      bar = null;
      task = "";
    }
  }

  /** Returns a line of exactly this width; fields that do not fit are left out. */
  static String render(String task, long done, long total, List<String> fields, int width) {
    List<String> parts = new ArrayList<>();
    int length = (task.isEmpty() ? 0 : task.length() + 1) + (total > 0 ? LEAST_BAR + 2 : 0);
    for (String field : fields) {
      if (!field.isEmpty() && length + 2 + field.length() <= width) {
        parts.add(field);
        length += 2 + field.length();
      }
    }
    StringBuilder line = new StringBuilder(task);
    if (total > 0) {
      int bar = Math.min(MOST_BAR, LEAST_BAR + Math.max(0, width - length));
      line.append(task.isEmpty() ? "[" : " [");
      line.append(drawn(Math.min(1, (double) done / total), bar)).append(']');
    }
    parts.forEach(part -> line.append("  ").append(part));
    return pad(line.toString(), width);
  }

  private static String drawn(double share, int width) {
    int full = (int) (share * width);
    return full >= width
        ? "=".repeat(width)
        : "=".repeat(full) + ">" + " ".repeat(width - full - 1);
  }

  private static String pad(String line, int width) {
    return line.length() >= width
        ? line.substring(0, width)
        : line + " ".repeat(width - line.length());
  }
}
