package org.electra4j.io;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a directory as a whole or not at all, replacing an older one of the same name.
 *
 * <p>A non-empty directory cannot be replaced by one rename, so replacing {@code model} goes
 * through hidden siblings; each arrow is one atomic rename, and everything before it is on the disk
 * (fsync of every file, of every folder in it and of the parent):
 *
 * <ol>
 *   <li>the new content is written to {@code .model.writing};
 *   <li>{@code .model.writing} → {@code .model.ready}: from here on the new content is whole and
 *       will win;
 *   <li>{@code model} → {@code .model.old}, if there is an older one;
 *   <li>{@code .model.ready} → {@code model};
 *   <li>{@code .model.old} is deleted.
 * </ol>
 *
 * <p>A process that dies between two steps leaves one of these states, which {@link #recover}
 * completes and {@link #find} sees through without changing anything: before step 2 the older
 * content is in place; between 2 and 4 the new content is whole in {@code .model.ready} (and the
 * older one still in place or in {@code .model.old}); after 4 it is in place. {@link #write}
 * recovers first, so leftovers of an earlier process never stay. Only one process may write a
 * directory at a time ({@link RunLock}).
 */
public final class AtomicDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(AtomicDirectory.class);
  private static final int MAX_ATTEMPTS = 3;

  /** Fills the new directory. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes files and folders into {@code directory}, which is empty. Is called again with a fresh
     * one if its thread is interrupted meanwhile.
     */
    void writeTo(Path directory) throws IOException;
  }

  /** The moments of {@link #write}; tests stop the process at each. */
  enum Moment {
    WRITTEN,
    READY,
    OLD_MOVED,
    REPLACED,
    CLEANED
  }

  /** Is told of each moment. */
  interface Observer {
    void reached(Moment moment);
  }

  private AtomicDirectory() {}

  /**
   * Writes {@code target} as a whole; its parent folders are made where they lack.
   *
   * @throws IOException if anything fails, a full disk for instance; the older content is then in
   *     place, and nothing else is left behind
   */
  public static void write(Path target, Content content) throws IOException {
    write(target, content, moment -> {});
  }

  static void write(Path target, Content content, Observer observer) throws IOException {
    // An interrupt closes the channels of the thread it hits; saving is what an interrupted run
    // does last.
    boolean interrupted = Thread.interrupted();
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          writeOnce(target, content, observer);
          return;
        } catch (IOException e) {
          boolean byInterrupt = Thread.interrupted();
          interrupted |= byInterrupt;
          if (!byInterrupt || attempt == MAX_ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void writeOnce(Path target, Content content, Observer observer)
      throws IOException {
    Siblings siblings = Siblings.of(target);
    Files.createDirectories(siblings.parent());
    recover(target);
    if (Files.exists(siblings.target) && !Files.isDirectory(siblings.target)) {
      throw new IOException(
          target + " is a file, not a directory; choose another place to write to.");
    }
    try {
      Files.createDirectory(siblings.writing);
      content.writeTo(siblings.writing);
      syncTree(siblings.writing);
      observer.reached(Moment.WRITTEN);
      move(siblings.writing, siblings.ready);
    } catch (IOException | RuntimeException e) {
      throw failure(target, siblings, e);
    }
    observer.reached(Moment.READY);
    try {
      complete(siblings, observer);
    } catch (IOException e) {
      throw new IOException(
          "The new content of "
              + target
              + " is complete in "
              + siblings.ready
              + " but could not take its place: "
              + AtomicFile.reason(e, siblings.ready)
              + ".",
          e);
    }
  }

  private static IOException failure(Path target, Siblings siblings, Exception cause) {
    boolean older = Files.exists(siblings.target);
    IOException failure =
        new IOException(
            "Writing "
                + target
                + " failed: "
                + AtomicFile.reason(cause, siblings.writing)
                + (older ? ". The previous content is unchanged." : "."),
            cause);
    try {
      deleteTree(siblings.writing);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /**
   * Completes or undoes what a process that died left behind, so that {@code target} is the newest
   * whole content, and no leftover is beside it.
   */
  public static void recover(Path target) throws IOException {
    Siblings siblings = Siblings.of(target);
    if (Files.exists(siblings.writing)) {
      LOG.info("Removing {}, the rest of a write that did not finish.", siblings.writing);
      deleteTree(siblings.writing);
    }
    if (Files.exists(siblings.ready)) {
      LOG.info("Completing the interrupted replacement of {}.", target);
      complete(siblings, moment -> {});
    } else if (Files.exists(siblings.target)) {
      deleteTree(siblings.old);
    }
  }

  /** Steps 3 to 5, from whichever of them the siblings are at. */
  private static void complete(Siblings siblings, Observer observer) throws IOException {
    if (Files.exists(siblings.target)) {
      deleteTree(siblings.old);
      move(siblings.target, siblings.old);
    }
    observer.reached(Moment.OLD_MOVED);
    move(siblings.ready, siblings.target);
    observer.reached(Moment.REPLACED);
    deleteTree(siblings.old);
    observer.reached(Moment.CLEANED);
  }

  /**
   * Returns where the whole content of {@code target} is, without changing anything: the target
   * itself, or the complete replacement that a process which died in between had not moved there;
   * empty if neither is.
   */
  public static Optional<Path> find(Path target) {
    Siblings siblings = Siblings.of(target);
    if (Files.isDirectory(siblings.target)) {
      return Optional.of(target);
    }
    return Files.isDirectory(siblings.ready) ? Optional.of(siblings.ready) : Optional.empty();
  }

  /**
   * Deletes a directory so that it is never found half deleted: it is renamed to a hidden name
   * first. Does nothing if there is none.
   */
  public static void delete(Path target) throws IOException {
    Siblings siblings = Siblings.of(target);
    recover(target);
    if (Files.exists(siblings.target)) {
      move(siblings.target, siblings.writing);
      deleteTree(siblings.writing);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(to.getParent());
  }

  /** Forces every file and folder of a tree to the disk. */
  private static void syncTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            syncDirectory(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Forces the entries of a folder to the disk; Windows has no such call and keeps them itself. */
  static void syncDirectory(Path directory) throws IOException {
    if (File.separatorChar == '\\') {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Deletes a tree without following links; does nothing if there is none. */
  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The names that one target may have, all in one folder, hence on one file system. */
  private record Siblings(Path target, Path writing, Path ready, Path old) {
    static Siblings of(Path path) {
      Path target = path.toAbsolutePath().normalize();
      String name = "." + target.getFileName() + ".";
      return new Siblings(
          target,
          target.resolveSibling(name + "writing"),
          target.resolveSibling(name + "ready"),
          target.resolveSibling(name + "old"));
    }

    Path parent() {
      return target.getParent();
    }
  }
}
