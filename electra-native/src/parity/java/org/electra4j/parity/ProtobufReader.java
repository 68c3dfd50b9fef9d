package org.electra4j.parity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one Protocol Buffers message: call {@link #next}, then one of the value
 * methods or {@link #skip}.
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

  private final ByteBuffer message;
  private int wireType;

  ProtobufReader(ByteBuffer message) {
    this.message = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Moves to the next field and returns its number, 0 at the end of the message. */
  int next() {
    if (!message.hasRemaining()) {
      return 0;
    }
    long tag = readVarint();
    wireType = (int) (tag & 7);
    return (int) (tag >>> 3);
  }

  /** Returns whether the current field is length-delimited: bytes, a message or a packed array. */
  boolean isLengthDelimited() {
    return wireType == LENGTH_DELIMITED;
  }

  /** Returns the value of an integer field. */
  long varint() {
    require(VARINT);
    return readVarint();
  }

  /** Returns the value of a string field. */
  String string() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /** Returns a reader of the message, or packed array, in the current field. */
  ProtobufReader message() {
    return new ProtobufReader(bytes());
  }

  /** Returns a little-endian view of the bytes in the current field. */
  ByteBuffer bytes() {
    require(LENGTH_DELIMITED);
    long length = readVarint();
    if (length < 0 || length > message.remaining()) {
      throw new IllegalArgumentException(
          "A field of " + length + " bytes does not fit the " + message.remaining() + " left.");
    }
    ByteBuffer view = message.slice(message.position(), (int) length);
    message.position(message.position() + (int) length);
    return view.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whether values of a packed array are left. */
  boolean hasRemaining() {
    return message.hasRemaining();
  }

  /** Returns the next integer of a packed array. */
  long readVarint() {
    long value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      byte b = message.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("A varint has more than 64 bits.");
  }

  /** Leaves out the current field. */
  void skip() {
    switch (wireType) {
      case VARINT -> readVarint();
      case FIXED64 -> message.position(message.position() + Long.BYTES);
      case LENGTH_DELIMITED -> bytes();
      case FIXED32 -> message.position(message.position() + Integer.BYTES);
      default -> throw new IllegalArgumentException("Unknown wire type " + wireType + ".");
    }
  }

  private void require(int expected) {
    if (wireType != expected) {
      throw new IllegalArgumentException(
          "A field has wire type " + wireType + ", expected " + expected + ".");
    }
  }
}
