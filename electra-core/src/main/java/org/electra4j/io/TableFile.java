package org.electra4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads a sorted table of keys and values in the format of LevelDB, which TensorFlow has for the
 * index of a checkpoint: data blocks, an index block that lists them, and a footer of 48 bytes.
 *
 * <p>A block is entries {@code shared, unshared, valueBytes (varints), key suffix, value}, then the
 * restart points and their number; it is followed by a byte for its compression and a masked
 * CRC-32C (LevelDB's doc/table_format.md). Everything is checked; memory stays within a small
 * multiple of the file.
 */
final class TableFile {
  private static final int FOOTER_BYTES = 48;
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int TRAILER_BYTES = 5;
  private static final int NO_COMPRESSION = 0;
  private static final int CRC_ROTATION = 15;
  private static final int CRC_DELTA = 0xa282ead8;

  /** Keys share prefixes, so they may be longer than the file; this many times at most. */
  private static final int KEY_EXPANSION = 16;

  private static final int KEY_ALLOWANCE = 1 << 16;

  private final Path file;
  private final ByteBuffer bytes;
  private long keyBytesLeft;

  private TableFile(Path file, byte[] content) {
    this.file = file;
    this.bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    this.keyBytesLeft = (long) KEY_EXPANSION * content.length + KEY_ALLOWANCE;
  }

  /**
   * Returns the values by their keys, in the order of the keys.
   *
   * @throws FileFormatException if the file is no such table, is damaged or compressed
   */
  static Map<String, ByteBuffer> read(Path file) throws IOException {
    return new TableFile(file, Files.readAllBytes(file)).entries();
  }

  private Map<String, ByteBuffer> entries() throws FileFormatException {
    int size = bytes.capacity();
    if (size < FOOTER_BYTES || bytes.getLong(size - Long.BYTES) != MAGIC) {
      throw new FileFormatException(
          file,
          "is no index of a TensorFlow checkpoint, or is cut short: its last 8 bytes differ.");
    }
    ByteBuffer footer = slice(size - FOOTER_BYTES, FOOTER_BYTES);
    readVarint(footer); // where the meta-index is, which TensorFlow leaves empty
    readVarint(footer);
    Map<String, ByteBuffer> entries = new LinkedHashMap<>();
    byte[] last = null;
    Block index = new Block(block(footer));
    while (index.next()) {
      Block data = new Block(block(index.value));
      while (data.next()) {
        if (last != null && Arrays.compareUnsigned(last, data.key) >= 0) {
          throw damaged("keys are not in order");
        }
        last = data.key;
        entries.put(new String(last, StandardCharsets.UTF_8), data.value);
      }
    }
    return entries;
  }

  /** Returns the block that a handle, two varints for offset and size, points at. */
  private ByteBuffer block(ByteBuffer handle) throws FileFormatException {
    long offset = readVarint(handle);
    long size = readVarint(handle);
    if (offset < 0 || size < 0 || size > bytes.capacity() - TRAILER_BYTES - offset) {
      throw damaged("a block lies outside the file");
    }
    int compression = bytes.get((int) (offset + size));
    if (compression != NO_COMPRESSION) {
      throw new FileFormatException(
          file, "is compressed (type " + compression + "), which is not supported.");
    }
    CRC32C crc = new CRC32C();
    crc.update(slice(offset, (int) size + 1));
    if (mask((int) crc.getValue()) != bytes.getInt((int) (offset + size + 1))) {
      throw damaged("a checksum does not match");
    }
    return slice(offset, (int) size);
  }

  /**
   * Returns a checksum as TensorFlow stores it: rotated and shifted, so that it may be checksummed.
   */
  static int mask(int crc) {
    return Integer.rotateRight(crc, CRC_ROTATION) + CRC_DELTA;
  }

  private ByteBuffer slice(long offset, int size) {
    return bytes.slice((int) offset, size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long readVarint(ByteBuffer buffer) throws FileFormatException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!buffer.hasRemaining()) {
        break;
      }
      byte b = buffer.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged("a number does not end");
  }

  private FileFormatException damaged(String what) {
    return new FileFormatException(file, "the index of the checkpoint is damaged: " + what + ".");
  }

  /** Walks the entries of a block. */
  private final class Block {
    private final ByteBuffer entries;
    private byte[] key = new byte[0];
    private ByteBuffer value;

    Block(ByteBuffer block) throws FileFormatException {
      int size = block.remaining();
      long restarts = size < Integer.BYTES ? -1 : block.getInt(size - Integer.BYTES);
      long end = size - Integer.BYTES * (restarts + 1);
      if (restarts < 0 || end < 0) {
        throw damaged("a block has no restart points");
      }
      entries = block.limit((int) end);
    }

    boolean next() throws FileFormatException {
      if (!entries.hasRemaining()) {
        return false;
      }
      long shared = readVarint(entries);
      long unshared = readVarint(entries);
      long valueBytes = readVarint(entries);
      if (shared < 0
          || shared > key.length
          || unshared < 0
          || unshared > entries.remaining()
          || valueBytes < 0
          || valueBytes > entries.remaining() - unshared) {
        throw damaged("an entry does not fit its block");
      }
      keyBytesLeft -= shared + unshared;
      if (keyBytesLeft < 0) {
        throw damaged("its keys are longer than the file allows");
      }
      byte[] whole = Arrays.copyOf(key, (int) (shared + unshared));
      entries.get(whole, (int) shared, (int) unshared);
      key = whole;
      value = entries.slice(entries.position(), (int) valueBytes);
      entries.position(entries.position() + (int) valueBytes);
      return true;
    }
  }
}
