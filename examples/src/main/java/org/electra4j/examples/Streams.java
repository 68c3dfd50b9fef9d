package org.electra4j.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command reads and writes.
 *
 * @param in input of the commands that take texts
 * @param out results
 * @param err progress and errors
 * @param ofProcess whether they are the standard streams of the process
 */
record Streams(InputStream in, PrintStream out, PrintStream err, boolean ofProcess) {

  /** Returns whether results go to a terminal. */
  boolean outIsTerminal() {
    return ofProcess && isTerminal(1);
  }

  /** Returns whether progress goes to a terminal. */
  boolean errIsTerminal() {
    return ofProcess && isTerminal(2);
  }

  private static boolean isTerminal(int descriptor) {
    Path stream = Path.of("/proc/self/fd/" + descriptor);
    try {
      String target = Files.readSymbolicLink(stream).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }
}
