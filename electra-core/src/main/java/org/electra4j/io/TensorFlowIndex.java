package org.electra4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The index of a TensorFlow checkpoint: a table with a {@code BundleHeaderProto} under the empty
 * key and a {@code BundleEntryProto} under the name of each tensor (TensorFlow's
 * tensor_bundle.proto).
 *
 * @param shards number of data files
 * @param entries tensors of the types that are read here, by name
 */
record TensorFlowIndex(int shards, Map<String, Entry> entries) {
  private static final int MOST_SHARDS = 10_000;

  /**
   * Where a tensor is.
   *
   * @param tensor its offset is from the start of the data file
   * @param crc masked CRC-32C of its bytes
   */
  record Entry(TensorInfo tensor, int shard, long size, int crc) {}

  /**
   * Reads an index.
   *
   * @throws FileFormatException if it is not valid
   */
  static TensorFlowIndex read(Path index) throws IOException {
    int shards = 0;
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, ByteBuffer> entry : TableFile.read(index).entrySet()) {
      if (entry.getKey().isEmpty()) {
        shards = readHeader(index, entry.getValue());
      } else {
        Entry tensor = readEntry(index, entry.getKey(), shards, entry.getValue());
        if (tensor != null) {
          entries.put(entry.getKey(), tensor);
        }
      }
    }
    if (shards == 0) {
      throw new FileFormatException(index, "the index of the checkpoint has no header.");
    }
    return new TensorFlowIndex(shards, entries);
  }

  /** The element types that are read here, by their numbers in TensorFlow's types.proto. */
  private enum Type {
    FLOAT(1, SafetensorsType.F32),
    DOUBLE(2, SafetensorsType.F64),
    INT32(3, SafetensorsType.I32),
    INT64(9, SafetensorsType.I64),
    BFLOAT16(14, SafetensorsType.BF16),
    HALF(19, SafetensorsType.F16);

    private final int number;
    private final SafetensorsType type;

    Type(int number, SafetensorsType type) {
      this.number = number;
      this.type = type;
    }

    static SafetensorsType of(long number) {
      return Stream.of(values())
          .filter(t -> t.number == number)
          .map(t -> t.type)
          .findFirst()
          .orElse(null);
    }
  }

  /** Reads a BundleHeaderProto; returns the number of data files. */
  private static int readHeader(Path index, ByteBuffer message) throws FileFormatException {
    ProtobufReader header = new ProtobufReader(index, message);
    long shards = 0;
    long endianness = 0;
    for (int field = header.next(); field != 0; field = header.next()) {
      switch (field) {
        case 1 -> shards = header.varint();
        case 2 -> endianness = header.varint();
        default -> header.skip();
      }
    }
    if (endianness != 0) {
      throw new FileFormatException(index, "is big-endian, which is not supported.");
    }
    if (shards < 1 || shards > MOST_SHARDS) {
      throw new FileFormatException(index, "names " + shards + " data files.");
    }
    return (int) shards;
  }

  /** Reads a BundleEntryProto; returns null where its type is not read here. */
  private static Entry readEntry(Path index, String name, int shards, ByteBuffer message)
      throws FileFormatException {
    ProtobufReader entry = new ProtobufReader(index, message);
    long type = 0;
    List<Long> shape = List.of();
    long shard = 0;
    long offset = 0;
    long size = 0;
    int crc = 0;
    boolean sliced = false;
    for (int field = entry.next(); field != 0; field = entry.next()) {
      switch (field) {
        case 1 -> type = entry.varint();
        case 2 -> shape = readShape(entry.message());
        case 3 -> shard = entry.varint();
        case 4 -> offset = entry.varint();
        case 5 -> size = entry.varint();
        case 6 -> crc = entry.fixed32();
        case 7 -> {
          sliced = true;
          entry.skip();
        }
        default -> entry.skip();
      }
    }
    SafetensorsType elements = Type.of(type);
    if (elements == null) {
      return null;
    }
    if (sliced) {
      throw new FileFormatException(
          index, name + " is stored in slices, which is not supported: save it as a whole.");
    }
    if (shard < 0 || shard >= shards || offset < 0 || size < 0) {
      throw new FileFormatException(index, "places " + name + " outside the data files.");
    }
    requireSize(index, name, elements, shape, size);
    return new Entry(new TensorInfo(name, elements, shape, offset), (int) shard, size, crc);
  }

  private static void requireSize(
      Path index, String name, SafetensorsType type, List<Long> shape, long size)
      throws FileFormatException {
    long bytes = -1;
    try {
      bytes = Math.multiplyExact(TensorInfo.elementCount(shape), (long) type.bytes());
    } catch (ArithmeticException e) {
      // more elements than any file has
    }
    if (bytes != size) {
      throw new FileFormatException(
          index, name + " has shape " + shape + " of " + type + ", but " + size + " bytes.");
    }
  }

  /** Reads a TensorShapeProto. */
  private static List<Long> readShape(ProtobufReader message) throws FileFormatException {
    List<Long> shape = new ArrayList<>();
    for (int field = message.next(); field != 0; field = message.next()) {
      if (field != 2) {
        message.skip();
        continue;
      }
      long size = 0;
      ProtobufReader dimension = message.message();
      for (int inner = dimension.next(); inner != 0; inner = dimension.next()) {
        if (inner == 1) {
          size = dimension.varint();
        } else {
          dimension.skip();
        }
      }
      shape.add(Math.max(0, size));
    }
    return shape;
  }
}
