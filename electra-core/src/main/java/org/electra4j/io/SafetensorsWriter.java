package org.electra4j.io;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file of F32 and I64 tensors: tensors are declared first, then streamed in
 * one pass through a 1 MiB buffer.
 *
 * <p>The same declarations give the same bytes. I64 tensors come first, so every tensor is aligned
 * to its element size; otherwise the order is that of declaration. The metadata start with {@code
 * "format": "pt"}, which transformers asks for.
 */
public final class SafetensorsWriter {

  private static final int BUFFER_BYTES = 1 << 20;

  private record Entry(SafetensorsType type, List<Long> shape, FloatSource floats, long[] longs) {
    long byteCount() {
      return Math.multiplyExact(TensorInfo.elementCount(shape), (long) type.bytes());
    }
  }

  private final Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Adds a metadata entry, replacing one of the same key. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Declares an F32 tensor whose elements are read when the file is written.
   *
   * @throws IllegalArgumentException if the name is taken or a dimension is negative
   */
  public SafetensorsWriter floats(String name, FloatSource source, long... shape) {
    return add(name, SafetensorsType.F32, shape, source, null);
  }

  /**
   * Declares an F32 tensor over an array that is not copied.
   *
   * @throws IllegalArgumentException if the name is taken or the shape does not have as many
   *     elements
   */
  public SafetensorsWriter floats(String name, float[] values, long... shape) {
    add(name, SafetensorsType.F32, shape, FloatSource.of(FloatBuffer.wrap(values)), null);
    requireElements(name, values.length);
    return this;
  }

  /**
   * Declares an I64 tensor over an array that is not copied.
   *
   * @throws IllegalArgumentException if the name is taken or the shape does not have as many
   *     elements
   */
  public SafetensorsWriter longs(String name, long[] values, long... shape) {
    add(name, SafetensorsType.I64, shape, null, values);
    requireElements(name, values.length);
    return this;
  }

  private SafetensorsWriter add(
      String name, SafetensorsType type, long[] shape, FloatSource floats, long[] longs) {
    List<Long> dimensions = new ArrayList<>(shape.length);
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "Tensor \"" + name + "\" has the negative dimension " + dimension + ".");
      }
      dimensions.add(dimension);
    }
    if (name.equals(SafetensorsHeader.METADATA) || entries.containsKey(name)) {
      throw new IllegalArgumentException("The tensor name \"" + name + "\" is taken.");
    }
    entries.put(name, new Entry(type, dimensions, floats, longs));
    return this;
  }

  private void requireElements(String name, int count) {
    List<Long> shape = entries.get(name).shape();
    if (TensorInfo.elementCount(shape) != count) {
      entries.remove(name);
      throw new IllegalArgumentException(
          "Tensor \"" + name + "\" of shape " + shape + " cannot hold " + count + " values.");
    }
  }

  /**
   * Writes the file, replacing an older one in place; use {@link AtomicDirectory} for more safety.
   */
  public void writeTo(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      writeTo(out);
    }
  }

  /** Writes header and data to a stream, which stays open. */
  public void writeTo(OutputStream stream) throws IOException {
    Map<String, Entry> ordered = new LinkedHashMap<>();
    for (SafetensorsType type : List.of(SafetensorsType.I64, SafetensorsType.F32)) {
      entries.forEach(
          (name, entry) -> {
            if (entry.type == type) {
              ordered.put(name, entry);
            }
          });
    }
    stream.write(header(ordered));
    byte[] bytes = new byte[BUFFER_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer floats = FloatBuffer.allocate(BUFFER_BYTES / Float.BYTES);
    for (Map.Entry<String, Entry> entry : ordered.entrySet()) {
      if (entry.getValue().type == SafetensorsType.I64) {
        writeLongs(entry.getValue().longs, buffer, stream);
      } else {
        writeFloats(entry.getKey(), entry.getValue(), floats, buffer, stream);
      }
    }
    stream.flush();
  }

  private static void writeLongs(long[] values, ByteBuffer buffer, OutputStream stream)
      throws IOException {
    int perBuffer = buffer.capacity() / Long.BYTES;
    for (int first = 0; first < values.length; first += perBuffer) {
      int count = Math.min(perBuffer, values.length - first);
      buffer.asLongBuffer().put(values, first, count);
      stream.write(buffer.array(), 0, count * Long.BYTES);
    }
  }

  private static void writeFloats(
      String name, Entry entry, FloatBuffer floats, ByteBuffer buffer, OutputStream stream)
      throws IOException {
    long total = TensorInfo.elementCount(entry.shape);
    for (long first = 0; first < total; first += floats.capacity()) {
      int count = (int) Math.min(floats.capacity(), total - first);
      floats.clear().limit(count);
      entry.floats.read(first, floats);
      if (floats.hasRemaining()) {
        throw new IllegalStateException(
            "The source of tensor \""
                + name
                + "\" left "
                + floats.remaining()
                + " of "
                + count
                + " elements unwritten.");
      }
      buffer.asFloatBuffer().put(floats.flip());
      stream.write(buffer.array(), 0, count * Float.BYTES);
    }
  }

  private byte[] header(Map<String, Entry> ordered) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[Long.BYTES]);
    try (JsonGenerator json = JsonFiles.MAPPER.createGenerator(new BufferedOutputStream(out))) {
      json.writeStartObject();
      json.writeObjectFieldStart(SafetensorsHeader.METADATA);
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      long offset = 0;
      for (Map.Entry<String, Entry> entry : ordered.entrySet()) {
        offset = writeEntry(json, entry.getKey(), entry.getValue(), offset);
      }
      json.writeEndObject();
    }
    while (out.size() % Long.BYTES != 0) {
      out.write(' ');
    }
    byte[] bytes = out.toByteArray();
    int jsonBytes = bytes.length - Long.BYTES;
    if (jsonBytes > SafetensorsHeader.MAX_HEADER_BYTES) {
      throw new IOException(
          "A safetensors header of " + jsonBytes + " bytes is over the limit of the format.");
    }
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, jsonBytes);
    return bytes;
  }

  private static long writeEntry(JsonGenerator json, String name, Entry entry, long offset)
      throws IOException {
    long end = Math.addExact(offset, entry.byteCount());
    json.writeObjectFieldStart(name);
    json.writeStringField("dtype", entry.type.name());
    json.writeArrayFieldStart("shape");
    for (long dimension : entry.shape) {
      json.writeNumber(dimension);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("data_offsets");
    json.writeNumber(offset);
    json.writeNumber(end);
    json.writeEndArray();
    json.writeEndObject();
    return end;
  }
}
