package org.electra4j.data;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Writes a file of fixed-width little-endian numbers, to be read by {@link MappedNumbers}. */
final class NumberWriter implements AutoCloseable {
  private final Path file;
  private final int width;
  private final FileOutputStream out;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private long count;

  NumberWriter(Path file, int width) throws IOException {
    this.file = file;
    this.width = width;
    this.out = new FileOutputStream(file.toFile());
  }

  void write(long value) throws IOException {
    if (buffer.remaining() < width) {
      flush();
    }
    put(value);
    count++;
  }

  void write(int[] values, int length) throws IOException {
    for (int i = 0; i < length; i++) {
      if (buffer.remaining() < width) {
        flush();
      }
      put(values[i]);
    }
    count += length;
  }

  private void put(long value) {
    switch (width) {
      case 2 -> buffer.putShort((short) value);
      case 4 -> buffer.putInt((int) value);
      default -> buffer.putLong(value);
    }
  }

  /** Returns how many numbers were written. */
  long count() {
    return count;
  }

  /** Returns the CRC-32C of everything written; complete after {@link #finish()}. */
  long checksum() {
    return checksum.getValue();
  }

  private void flush() throws IOException {
    checksum.update(buffer.array(), 0, buffer.position());
    try {
      out.write(buffer.array(), 0, buffer.position());
    } catch (IOException e) {
      throw AtomicFolder.cannotWrite(file, e);
    }
    buffer.clear();
  }

  /** Writes what is buffered and waits until the disk has it. */
  void finish() throws IOException {
    flush();
    try {
      out.getFD().sync();
    } catch (IOException e) {
      throw AtomicFolder.cannotWrite(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
