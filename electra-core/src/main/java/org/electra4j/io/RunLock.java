package org.electra4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The exclusive right to write into an output folder, across threads and processes.
 *
 * <p>The operating system drops the lock when its process ends in whatever way, so a killed run
 * never blocks the next. The file {@code .run.lock} stays: deleting it would let two processes lock
 * two files of one name.
 */
public final class RunLock implements AutoCloseable {

  /** Name of the lock file inside the folder; it holds the process id of the holder. */
  public static final String FILE = ".run.lock";

  /** Far behind the content, so that others may read it where locks are mandatory (Windows). */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int MAX_CONTENT = 20;

  /** Folders locked by this JVM: file locks do not exclude threads of one process. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private RunLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks a folder, which is made if it does not exist.
   *
   * @throws IOException if another run holds the lock (names the folder and its process) or the
   *     file system refuses
   */
  public static RunLock acquire(Path folder) throws IOException {
    for (Path path = folder.toAbsolutePath(); path != null; path = path.getParent()) {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        Path named = path.equals(folder.toAbsolutePath()) ? folder : path;
        throw new IOException(named + " is a file, not a folder; choose another output folder.");
      }
    }
    Files.createDirectories(folder);
    Path real = folder.toRealPath();
    if (!HELD.add(real)) {
      throw heldBy(folder, ProcessHandle.current().pid() + ", this one");
    }
    // Opened only now: closing any channel on the file would drop a lock of this process on it.
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              real.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
      if (lock == null) {
        throw heldBy(folder, content(channel));
      }
      write(channel, Long.toString(ProcessHandle.current().pid()));
      return new RunLock(real, channel);
    } catch (IOException | RuntimeException e) {
      try {
        if (channel != null) {
          channel.close();
        }
      } finally {
        HELD.remove(real);
      }
      throw e;
    }
  }

  private static IOException heldBy(Path folder, String process) {
    return new IOException(
        "Another run (process "
            + process
            + ") is writing into "
            + folder
            + "; wait for it to end or choose another output folder.");
  }

  private static String content(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_CONTENT);
    channel.read(buffer, 0);
    String pid =
        new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "unknown" : pid;
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  /** Returns the real path of the locked folder. */
  public Path folder() {
    return folder;
  }

  /** Gives the folder free; further calls do nothing. */
  @Override
  public synchronized void close() throws IOException {
    if (channel.isOpen()) {
      try {
        channel.truncate(0);
      } finally {
        channel.close();
        HELD.remove(folder);
      }
    }
  }
}
