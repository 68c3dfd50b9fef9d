package org.electra4j.examples;

import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says in a sentence or two what went wrong. */
final class Failures {
  private Failures() {}

  /** Prints an error and returns the exit code of a failure. */
  static int report(Throwable error, Streams streams, boolean stacktrace) {
    streams.out().flush();
    if (stacktrace) {
      error.printStackTrace(streams.err());
    } else {
      print(streams, sentence(error));
    }
    return Electra.FAILED;
  }

  static void print(Streams streams, String message) {
    streams.err().println("electra: " + message);
    streams.err().flush();
  }

  static String sentence(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return "Java has not enough memory. Give it more with JAVA_OPTS=-Xmx8g, or use smaller batches.";
    }
    if (error instanceof NoSuchFileException missing && missing.getReason() == null) {
      return missing.getFile() + " does not exist.";
    }
    if (error instanceof FileAlreadyExistsException there && there.getReason() == null) {
      return there.getFile() + " exists already and is in the way.";
    }
    if (error instanceof AccessDeniedException denied) {
      return denied.getFile() + " cannot be opened: permission denied.";
    }
    if (error instanceof FileSystemException file && file.getReason() != null) {
      return file.getFile() + ": " + file.getReason() + ".";
    }
    if (error.getMessage() == null
        || error instanceof NullPointerException
        || error instanceof IndexOutOfBoundsException
        || error instanceof Error
        || error instanceof CharacterCodingException) {
      return "Unexpected " + error + ". Run it again with --stacktrace to see where.";
    }
    return error.getMessage();
  }
}
