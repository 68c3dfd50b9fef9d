package org.electra4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that appears complete or not at all: filled under a temporary name beside its target,
 * then renamed. Closed without {@link #publish()}, it leaves nothing behind.
 */
final class AtomicFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AtomicFolder.class);
  private static final String LOCK = "lock";

  /**
   * Temporary folders of this process, which must not be tried: closing a second handle of a lock
   * file gives up the lock of the first (POSIX).
   */
  private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

  private final Path target;
  private final Path temporary;
  private final FileChannel lock;
  private boolean published;

  AtomicFolder(Path target) throws IOException {
    // A link to a folder keeps its place: what it points to is replaced.
    this.target = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath().normalize();
    Path parent = this.target.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(target + " cannot be written as a folder");
    }
    requireFolders(parent);
    try {
      Files.createDirectories(parent);
      deleteAbandoned(parent);
      // Not createTempDirectory: its private permissions would stay with the published folder.
      this.temporary = Files.createDirectory(sibling("tmp"));
      IN_USE.add(temporary);
      this.lock =
          FileChannel.open(
              temporary.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock.tryLock(); // unlike lock(), it does not fail in an interrupted thread
    } catch (IOException e) {
      throw cannotWrite(this.target, e);
    }
  }

  /**
   * Deletes what killed processes left: temporary folders of this target whose lock nobody holds.
   */
  private void deleteAbandoned(Path parent) throws IOException {
    String pattern = "." + target.getFileName() + ".tmp-";
    List<Path> candidates;
    try (Stream<Path> siblings = Files.list(parent)) {
      candidates =
          siblings
              .filter(path -> path.getFileName().toString().startsWith(pattern))
              .filter(path -> Files.isRegularFile(path.resolve(LOCK)) && !IN_USE.contains(path))
              .toList();
    }
    for (Path candidate : candidates) {
      try (FileChannel held = FileChannel.open(candidate.resolve(LOCK), StandardOpenOption.WRITE);
          FileLock free = held.tryLock()) {
        if (free != null) {
          log.info("Deleting {}, which an unfinished preparation left", candidate);
          delete(candidate);
        }
      } catch (OverlappingFileLockException | NoSuchFileException e) {
        log.debug("In use: {} ({})", candidate, e.toString());
      }
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
    Files.delete(temporary.resolve(LOCK));
    sync(temporary);
    try {
      if (Files.exists(target)) {
        Path old = sibling("old");
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        delete(old);
      } else {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw cannotWrite(target, e);
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

  private static void delete(Path folder) throws IOException {
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
    IN_USE.remove(temporary);
    lock.close();
    if (!published && Files.exists(temporary)) {
      delete(temporary);
    }
  }
}
