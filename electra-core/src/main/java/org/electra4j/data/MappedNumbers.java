package org.electra4j.data;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A read-only file of fixed-width little-endian numbers, mapped in segments because one mapping
 * holds at most 2 GB. Two-byte numbers are unsigned. Thread-safe.
 *
 * <p>{@link #close()} drops the mappings; the address space is given back when they are collected,
 * as the JDK unmaps nothing earlier.
 */
final class MappedNumbers implements AutoCloseable {
  static final int SEGMENT_BYTES = 1 << 30;

  private final Path file;
  private final int width;
  private final long size;
  private final int segmentShift;
  private final int segmentMask;
  private volatile MappedByteBuffer[] segments;

  private MappedNumbers(Path file, int width, long size, int segmentBytes) throws IOException {
    int perSegment = segmentBytes / width;
    if (Integer.bitCount(perSegment) != 1) {
      throw new IllegalArgumentException(segmentBytes + " is not a power of two");
    }
    this.file = file;
    this.width = width;
    this.size = size;
    this.segmentShift = Integer.numberOfTrailingZeros(perSegment);
    this.segmentMask = perSegment - 1;
    this.segments = mapUninterrupted(segmentBytes);
  }

  static MappedNumbers open(Path file, int width, long size) throws IOException {
    return open(file, width, size, SEGMENT_BYTES);
  }

  /** Maps a file that must hold exactly {@code size} numbers of {@code width} bytes (2, 4 or 8). */
  static MappedNumbers open(Path file, int width, long size, int segmentBytes) throws IOException {
    long expected = Math.multiplyExact(size, width);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + " is missing.");
    }
    long actual = Files.size(file);
    if (actual != expected) {
      throw new IllegalArgumentException(
          file + " is damaged: it has " + actual + " bytes where " + expected + " were written.");
    }
    return new MappedNumbers(file, width, size, segmentBytes);
  }

  /** Maps the file whatever interrupts the thread, which would otherwise close the channel. */
  private MappedByteBuffer[] mapUninterrupted(int segmentBytes) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        interrupted |= Thread.interrupted();
        try {
          return map(segmentBytes);
        } catch (ClosedByInterruptException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private MappedByteBuffer[] map(int segmentBytes) throws IOException {
    long bytes = size * width;
    MappedByteBuffer[] mapped =
        new MappedByteBuffer[Math.toIntExact((bytes + segmentBytes - 1) / segmentBytes)];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int i = 0; i < mapped.length; i++) {
        long start = (long) i * segmentBytes;
        long length = Math.min(segmentBytes, bytes - start);
        mapped[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, length);
        mapped[i].order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    return mapped;
  }

  long size() {
    return size;
  }

  long get(long index) {
    MappedByteBuffer[] open = opened();
    checkRange(index, 1);
    MappedByteBuffer segment = open[(int) (index >>> segmentShift)];
    int at = (int) (index & segmentMask) * width;
    return switch (width) {
      case 2 -> segment.getShort(at) & 0xFFFF;
      case 4 -> segment.getInt(at);
      default -> segment.getLong(at);
    };
  }

  /** Copies {@code length} numbers of a two- or four-byte file. */
  void copy(long start, int[] destination, int offset, int length) {
    MappedByteBuffer[] open = opened();
    checkRange(start, length);
    long index = start;
    int to = offset;
    int end = offset + length;
    while (to < end) {
      MappedByteBuffer segment = open[(int) (index >>> segmentShift)];
      int at = (int) (index & segmentMask);
      int n = Math.min(end - to, segmentMask + 1 - at);
      if (width == 2) {
        for (int i = 0; i < n; i++) {
          destination[to + i] = segment.getShort((at + i) * 2) & 0xFFFF;
        }
      } else {
        for (int i = 0; i < n; i++) {
          destination[to + i] = segment.getInt((at + i) * 4);
        }
      }
      to += n;
      index += n;
    }
  }

  private MappedByteBuffer[] opened() {
    MappedByteBuffer[] open = segments;
    if (open == null) {
      throw new IllegalStateException(file + " is closed");
    }
    return open;
  }

  private void checkRange(long start, long length) {
    if (start < 0 || length < 0 || start > size - length) {
      throw new IndexOutOfBoundsException(
          "[" + start + ", " + (start + length) + ") is outside " + file + " of " + size);
    }
  }

  @Override
  public void close() {
    segments = null;
  }
}
