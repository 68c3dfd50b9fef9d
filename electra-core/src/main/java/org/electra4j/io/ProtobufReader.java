package org.electra4j.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads the fields of one Protocol Buffers message: call {@link #next}, then one of the value
 * methods or {@link #skip}. What is not well-formed throws {@link FileFormatException}; nothing is
 * copied but strings.
 *
 * <p>Encoding: <a
 * href="https://protobuf.dev/programming-guides/encoding/">protobuf.dev/programming-guides/encoding</a>.
 */
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;
  private static final int MAX_VARINT_BITS = 64;

  private final Path file;
  private final ByteBuffer message;
  private int wireType;

  /** {@code file} is named in exceptions. */
  ProtobufReader(Path file, ByteBuffer message) {
    this.file = file;
    this.message = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Moves to the next field and returns its number, 0 at the end of the message. */
  int next() throws FileFormatException {
    if (!message.hasRemaining()) {
      return 0;
    }
    long tag = readVarint();
    wireType = (int) (tag & 7);
    long number = tag >>> 3;
    if (number < 1 || number > Integer.MAX_VALUE) {
      throw malformed("field number " + number);
    }
    return (int) number;
  }

  /** Returns whether the current field is length-delimited: bytes, a message or a packed array. */
  boolean isLengthDelimited() {
    return wireType == LENGTH_DELIMITED;
  }

  /** Returns the value of an integer field. */
  long varint() throws FileFormatException {
    require(VARINT);
    return readVarint();
  }

  /** Returns the value of a fixed32 field. */
  int fixed32() throws FileFormatException {
    require(FIXED32);
    requireRemaining(Integer.BYTES);
    return message.getInt();
  }

  /** Returns the value of a string field. */
  String string() throws FileFormatException {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /** Returns a reader of the message, or packed array, in the current field. */
  ProtobufReader message() throws FileFormatException {
    return new ProtobufReader(file, bytes());
  }

  /** Returns a little-endian view of the bytes in the current field. */
  ByteBuffer bytes() throws FileFormatException {
    require(LENGTH_DELIMITED);
    long length = readVarint();
    requireRemaining(length);
    ByteBuffer view = message.slice(message.position(), (int) length);
    message.position(message.position() + (int) length);
    return view.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whether values of a packed array are left. */
  boolean hasRemaining() {
    return message.hasRemaining();
  }

  /** Returns the next integer of a packed array. */
  long readVarint() throws FileFormatException {
    long value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      requireRemaining(1);
      byte b = message.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than 64 bits");
  }

  /** Leaves out the current field. */
  void skip() throws FileFormatException {
    switch (wireType) {
      case VARINT -> readVarint();
      case FIXED64 -> skip(Long.BYTES);
      case LENGTH_DELIMITED -> bytes();
      case FIXED32 -> skip(Integer.BYTES);
      default -> throw malformed("wire type " + wireType);
    }
  }

  private void skip(int bytes) throws FileFormatException {
    requireRemaining(bytes);
    message.position(message.position() + bytes);
  }

  private void require(int expected) throws FileFormatException {
    if (wireType != expected) {
      throw malformed("wire type " + wireType + " where " + expected + " belongs");
    }
  }

  private void requireRemaining(long bytes) throws FileFormatException {
    if (bytes < 0 || bytes > message.remaining()) {
      throw malformed(
          "a field of "
              + Long.toUnsignedString(bytes)
              + " bytes where "
              + message.remaining()
              + " are left");
    }
  }

  private FileFormatException malformed(String found) {
    return new FileFormatException(
        file, "is not well-formed protobuf, or is cut short: " + found + ".");
  }
}
