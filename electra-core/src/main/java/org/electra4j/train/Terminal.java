package org.electra4j.train;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What standard error is connected to. */
final class Terminal {
  private static final Path ERROR_STREAM = Path.of("/proc/self/fd/2");
  private static final int USUAL_WIDTH = 80;
  private static final int MOST_WIDTH = 140;

  private Terminal() {}

  /** Returns whether standard error is a terminal; without /proc, whether there is a console. */
  static boolean isErrorStreamTerminal() {
    try {
      if (Files.isSymbolicLink(ERROR_STREAM)) {
        String target = Files.readSymbolicLink(ERROR_STREAM).toString();
        return target.startsWith("/dev/pts/")
            || target.startsWith("/dev/tty")
            || target.equals("/dev/console");
      }
    } catch (IOException e) {
      return false;
    }
    return System.console() != null;
  }

  /** Returns the characters of a line, one less than the terminal has so that nothing wraps. */
  static int width() {
    File terminal = new File("/dev/tty");
    int columns = USUAL_WIDTH;
    if (terminal.canRead()) {
      try {
        Process stty = new ProcessBuilder("stty", "size").redirectInput(terminal).start();
        String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (stty.waitFor(1, TimeUnit.SECONDS) && size.matches("\\d+ \\d+\\s*")) {
          columns = Integer.parseInt(size.trim().split(" ")[1]);
        }
      } catch (IOException e) {
        columns = USUAL_WIDTH;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return Math.min(MOST_WIDTH, columns < 20 ? USUAL_WIDTH : columns) - 1;
  }
}
