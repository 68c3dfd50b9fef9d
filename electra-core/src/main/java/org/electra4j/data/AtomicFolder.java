package org.electra4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that appears complete or not at all: filled under a temporary name beside its target,
 * then renamed. Closed without {@link #publish()}, it leaves nothing behind.
 */
final class AtomicFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AtomicFolder.class);

  private final Path target;
  private final Path temporary;
  private boolean published;

  AtomicFolder(Path target) throws IOException {
    this.target = target.toAbsolutePath().normalize();
    Path parent = this.target.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(target + " cannot be written as a folder");
    }
    requireFolders(parent);
    try {
      Files.createDirectories(parent);
      // Not createTempDirectory: its private permissions would stay with the published folder.
      this.temporary = Files.createDirectory(sibling("tmp"));
    } catch (IOException e) {
      throw cannotWrite(this.target, e);
    }
  }

  private void requireFolders(Path parent) throws IOException {
    Path existing = parent;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new IOException("Cannot create the folder " + target + ": " + existing + " is a file");
    }
  }

  /** Returns the folder to write into. */
  Path path() {
    return temporary;
  }

  /** Renames the folder to its target, which replaces an older one. */
  void publish() throws IOException {
    sync(temporary);
    if (Files.exists(target)) {
      Path old = sibling("old");
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    } else {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
    published = true;
    sync(target.getParent());
  }

  private Path sibling(String kind) {
    return target.resolveSibling("." + target.getFileName() + "." + kind + "-" + UUID.randomUUID());
  }

  /** Makes a folder's entries durable where the file system allows it; Windows does not. */
  private static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      log.debug("Not synced: {}", folder, e);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  static IOException cannotWrite(Path path, IOException cause) {
    String reason = cause.getMessage();
    if (cause instanceof AccessDeniedException) {
      reason = "permission denied";
    } else if (cause instanceof FileSystemException system && system.getReason() != null) {
      reason = system.getReason();
    }
    return new IOException(
        "Cannot write " + path + ": " + reason + ". Free space there or choose another folder.",
        cause);
  }

  @Override
  public void close() throws IOException {
    if (!published && Files.exists(temporary)) {
      delete(temporary);
    }
  }
}
