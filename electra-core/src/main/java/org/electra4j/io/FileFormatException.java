package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Signals a file whose content is not what its format says; the message names the file and the
 * rule.
 */
public final class FileFormatException extends IOException {

  /** Creates the exception with the message {@code "<file>: <problem>"}. */
  public FileFormatException(Path file, String problem) {
    super(file + ": " + problem);
  }

  /** Creates the exception with the message {@code "<file>: <problem>"} and what was caught. */
  public FileFormatException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  /** Creates the exception with the message {@code "<file>, line <line>: <problem>"}. */
  public FileFormatException(Path file, long line, String problem) {
    this(file, line, problem, null);
  }

  /** As {@link #FileFormatException(Path, long, String)}, with what was caught. */
  public FileFormatException(Path file, long line, String problem, Throwable cause) {
    super(file + ", line " + line + ": " + problem, cause);
  }

  /**
   * Creates the exception with the message {@code "<file>, line <line>, column <column>:
   * <problem>"} and what was caught.
   */
  public FileFormatException(Path file, long line, int column, String problem, Throwable cause) {
    super(file + ", line " + line + ", column " + column + ": " + problem, cause);
  }
}
