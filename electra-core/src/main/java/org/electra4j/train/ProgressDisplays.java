package org.electra4j.train;

import java.io.PrintStream;

/** Makes the places where progress is shown. */
public final class ProgressDisplays {
  private ProgressDisplays() {}

  /**
   * Returns standard error: one line that is redrawn on a terminal, else lines.
   *
   * @throws IllegalStateException when {@code me.tongfei:progressbar} is not on the class path
   */
  public static ProgressDisplay standardError() {
    requireProgressBarLibrary();
    return Terminal.isErrorStreamTerminal()
        ? new TerminalBar(System.err, Terminal.width())
        : lines(System.err);
  }

  /** Here, because the class that uses the library cannot even be verified without it. */
  private static void requireProgressBarLibrary() {
    try {
      Class.forName(
          "me.tongfei.progressbar.ProgressBar", false, ProgressDisplays.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "The progress bar needs me.tongfei:progressbar:0.10.2 on the class path; add that"
              + " dependency or use the logging listener.",
          e);
    }
  }

  /** Returns a stream of lines. */
  public static ProgressDisplay lines(PrintStream out) {
    return new PlainProgress(out, System::nanoTime);
  }
}
