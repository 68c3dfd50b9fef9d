package org.electra4j.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One open safetensors file: its checked header, and its tensors mapped when they are first used.
 */
final class SafetensorsFile implements Closeable {

  /** A multiple of every element size, so no element straddles two mappings. */
  private static final long SEGMENT_BYTES = 1L << 30;

  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final Map<String, ByteBuffer[]> mapped = new ConcurrentHashMap<>();

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.header = header;
  }

  static SafetensorsFile open(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString(), null, "the weights file does not exist");
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  SafetensorsHeader header() {
    return header;
  }

  ByteBuffer bytes(TensorInfo tensor) throws IOException {
    if (tensor.byteCount() > SEGMENT_BYTES) {
      throw new IllegalArgumentException(
          path + ": tensor \"" + tensor.name() + "\" is larger than 1 GiB; read it in parts.");
    }
    return segment(tensor, 0);
  }

  void readFloats(TensorInfo tensor, long firstElement, FloatBuffer destination)
      throws IOException {
    long count = tensor.elementCount();
    if (firstElement < 0 || firstElement > count - destination.remaining()) {
      throw new IllegalArgumentException(
          path
              + ": tensor \""
              + tensor.name()
              + "\" has "
              + count
              + " elements; "
              + destination.remaining()
              + " from "
              + firstElement
              + " on do not fit.");
    }
    FloatDecoder decoder = FloatDecoder.of(tensor.type());
    if (decoder == null) {
      throw wrongType(tensor, "F32, F16, BF16 or F64");
    }
    long perSegment = SEGMENT_BYTES / tensor.type().bytes();
    long element = firstElement;
    while (destination.hasRemaining()) {
      ByteBuffer segment = segment(tensor, (int) (element / perSegment));
      int from = (int) (element % perSegment);
      int take = (int) Math.min(destination.remaining(), perSegment - from);
      int width = tensor.type().bytes();
      decoder.decode(
          segment.slice(from * width, take * width).order(ByteOrder.LITTLE_ENDIAN), destination);
      element += take;
    }
  }

  void readLongs(TensorInfo tensor, long[] destination) throws IOException {
    int width = tensor.type().bytes();
    long perSegment = SEGMENT_BYTES / width;
    for (int i = 0; i < destination.length; i++) {
      ByteBuffer segment = segment(tensor, (int) (i / perSegment));
      int at = (int) (i % perSegment) * width;
      destination[i] =
          switch (tensor.type()) {
            case I64 -> segment.getLong(at);
            case I32 -> segment.getInt(at);
            case I16 -> segment.getShort(at);
            case I8 -> segment.get(at);
            case U8, BOOL -> segment.get(at) & 0xFF;
            default -> throw wrongType(tensor, "I64, I32, I16, I8, U8 or BOOL");
          };
    }
  }

  private IllegalArgumentException wrongType(TensorInfo tensor, String readable) {
    return new IllegalArgumentException(
        path
            + ": tensor \""
            + tensor.name()
            + "\" has dtype "
            + tensor.type()
            + ", but must be "
            + readable
            + ".");
  }

  private ByteBuffer segment(TensorInfo tensor, int index) throws IOException {
    ByteBuffer[] segments = mapped.get(tensor.name());
    if (segments == null) {
      segments = map(tensor);
      mapped.putIfAbsent(tensor.name(), segments);
    }
    return segments[index].duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer[] map(TensorInfo tensor) throws IOException {
    long bytes = tensor.byteCount();
    int count = (int) Math.max(1, (bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    ByteBuffer[] segments = new ByteBuffer[count];
    for (int i = 0; i < count; i++) {
      long start = i * SEGMENT_BYTES;
      long position = header.dataStart() + tensor.byteOffset() + start;
      segments[i] =
          channel.map(MapMode.READ_ONLY, position, Math.min(SEGMENT_BYTES, bytes - start));
    }
    return segments;
  }

  @Override
  public void close() throws IOException {
    mapped.clear();
    channel.close();
  }
}
