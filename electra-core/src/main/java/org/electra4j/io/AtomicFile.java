package org.electra4j.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file as a whole or not at all, replacing an older one in one step. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the bytes of the new file. */
  @FunctionalInterface
  public interface Content {
    /** Writes to {@code out}, which is buffered and closed by the caller. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code file} through a hidden sibling.
   *
   * @throws IOException if anything fails, a full disk for instance, naming the file; an older one
   *     is then in place
   */
  public static void write(Path file, Content content) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder; name the file to write.");
    }
    Path written = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(written))) {
        content.writeTo(out);
      }
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      IOException failure =
          new IOException("Writing " + file + " failed: " + reason(e, written) + ".", e);
      try {
        Files.deleteIfExists(written);
      } catch (IOException suppressed) {
        failure.addSuppressed(suppressed);
      }
      throw failure;
    }
  }

  /**
   * Returns the message of an exception without a full stop, and without the hidden path that was
   * written, which says nothing to a user.
   */
  static String reason(Exception e, Path written) {
    if (e instanceof FileSystemException system
        && system.getFile() != null
        && Path.of(system.getFile()).startsWith(written)) {
      if (e instanceof AccessDeniedException) {
        return "permission denied";
      }
      if (system.getReason() != null) {
        return system.getReason();
      }
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }
}
