package org.electra4j.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of one safetensors file: an 8-byte little-endian length, then a JSON object of that
 * many bytes that maps names to type, shape and byte range.
 *
 * @param tensors entries in the order of the header
 * @param metadata the {@code __metadata__} object, empty if absent
 * @param dataStart offset of the first data byte in the file
 */
record SafetensorsHeader(
    Map<String, TensorInfo> tensors, Map<String, String> metadata, long dataStart) {

  /**
   * The cap of the reference implementation, which keeps a corrupt length from asking for memory.
   */
  static final int MAX_HEADER_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";
  private static final int LENGTH_BYTES = 8;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  /**
   * Reads and checks the header of a file: its length against the file, the JSON, every type, shape
   * and byte range, and that the ranges cover the rest of the file without gap or overlap.
   *
   * @throws FileFormatException naming the file, the tensor and the rule that is broken
   */
  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileSize = channel.size();
    if (fileSize < LENGTH_BYTES) {
      throw new FileFormatException(
          file,
          "not a safetensors file: it has "
              + fileSize
              + " bytes, less than the header length needs.");
    }
    long headerBytes =
        readFully(file, channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
      throw new FileFormatException(
          file,
          "not a safetensors file: the header length is "
              + Long.toUnsignedString(headerBytes)
              + ", allowed are 2 to "
              + MAX_HEADER_BYTES
              + " bytes.");
    }
    if (headerBytes > fileSize - LENGTH_BYTES) {
      throw new FileFormatException(
          file,
          "the header should have "
              + headerBytes
              + " bytes, but only "
              + (fileSize - LENGTH_BYTES)
              + " follow; the file is truncated.");
    }
    ByteBuffer json = readFully(file, channel, LENGTH_BYTES, (int) headerBytes);
    Parser parser = new Parser(file);
    parser.parse(json);
    long dataStart = LENGTH_BYTES + headerBytes;
    checkCoverage(file, parser.tensors, fileSize - dataStart);
    return new SafetensorsHeader(
        Collections.unmodifiableMap(parser.tensors),
        Collections.unmodifiableMap(parser.metadata),
        dataStart);
  }

  private static void checkCoverage(Path file, Map<String, TensorInfo> tensors, long dataBytes)
      throws FileFormatException {
    List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
    byOffset.sort(
        Comparator.comparingLong(TensorInfo::byteOffset).thenComparingLong(TensorInfo::byteCount));
    long expected = 0;
    for (TensorInfo tensor : byOffset) {
      if (tensor.byteOffset() != expected) {
        String kind =
            tensor.byteOffset() < expected
                ? "overlaps the one before it"
                : "leaves a gap before it";
        throw tensorError(
            file,
            tensor.name(),
            kind
                + ": it starts at byte "
                + tensor.byteOffset()
                + " of the data, expected was "
                + expected
                + ".");
      }
      if (tensor.byteCount() > dataBytes - expected) {
        throw tensorError(
            file,
            tensor.name(),
            "ends at byte "
                + (expected + tensor.byteCount())
                + " of the data, but the file has only "
                + dataBytes
                + "; it is truncated.");
      }
      expected += tensor.byteCount();
    }
    if (expected != dataBytes) {
      throw new FileFormatException(
          file,
          (dataBytes - expected)
              + " trailing bytes after the last tensor; no tensor may be missing from the header.");
    }
  }

  private static ByteBuffer readFully(Path file, FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new FileFormatException(file, "the file was cut short while its header was read.");
      }
    }
    return buffer.flip();
  }

  private static FileFormatException tensorError(Path file, String tensor, String problem) {
    return new FileFormatException(file, "tensor \"" + printable(tensor) + "\" " + problem);
  }

  private static String printable(String name) {
    String cut = name.length() > 200 ? name.substring(0, 200) + "..." : name;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  /** Walks the JSON tokens; no tree is built, so memory stays proportional to the header. */
  private static final class Parser {
    private final Path file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private boolean metadataSeen;

    Parser(Path file) {
      this.file = file;
    }

    void parse(ByteBuffer bytes) throws IOException {
      if (bytes.get(0) != '{') {
        throw new FileFormatException(
            file, "not a safetensors file: the header does not start with '{'.");
      }
      CharBuffer text = decode(bytes);
      try (JsonParser json =
          JSON.createParser(text.array(), text.arrayOffset(), text.remaining())) {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          if (name.equals(METADATA)) {
            parseMetadata(json);
          } else {
            TensorInfo tensor = parseTensor(json, name);
            if (tensors.put(name, tensor) != null) {
              throw tensorError(file, name, "occurs twice in the header.");
            }
          }
        }
        if (json.nextToken() != null) {
          throw new FileFormatException(file, "the header goes on after its JSON object.");
        }
      } catch (JsonProcessingException e) {
        throw new FileFormatException(
            file, "the header is not valid JSON: " + printable(JsonProblems.words(e)), e);
      }
    }

    private CharBuffer decode(ByteBuffer bytes) throws FileFormatException {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes);
      } catch (CharacterCodingException e) {
        throw new FileFormatException(file, "the header is not valid UTF-8.", e);
      }
    }

    private void parseMetadata(JsonParser json) throws IOException {
      json.nextToken();
      if (!metadataSeen && json.currentToken() == JsonToken.VALUE_NULL) {
        metadataSeen = true;
        return;
      }
      if (metadataSeen || json.currentToken() != JsonToken.START_OBJECT) {
        throw new FileFormatException(file, METADATA + " must be one object of strings.");
      }
      metadataSeen = true;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        if (json.nextToken() != JsonToken.VALUE_STRING
            || metadata.put(key, json.getText()) != null) {
          throw new FileFormatException(
              file, METADATA + " entry \"" + printable(key) + "\" must be one string.");
        }
      }
    }

    private TensorInfo parseTensor(JsonParser json, String name) throws IOException {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw tensorError(file, name, "must be an object with dtype, shape and data_offsets.");
      }
      SafetensorsType type = null;
      List<Long> shape = null;
      List<Long> offsets = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        switch (key) {
          case "dtype" -> type = once(type, parseType(json, name), name, key);
          case "shape" -> shape = once(shape, parseNumbers(json, name, key), name, key);
          case "data_offsets" -> offsets = once(offsets, parseNumbers(json, name, key), name, key);
          default -> json.skipChildren(); // the reference implementation ignores them, too
        }
      }
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw tensorError(file, name, "needs dtype, shape and two data_offsets.");
      }
      return check(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private <V> V once(V before, V value, String name, String key) throws FileFormatException {
      if (before != null) {
        throw tensorError(file, name, "has " + key + " twice.");
      }
      return value;
    }

    private SafetensorsType parseType(JsonParser json, String name) throws IOException {
      if (json.currentToken() != JsonToken.VALUE_STRING) {
        throw tensorError(file, name, "needs a string as dtype.");
      }
      try {
        return SafetensorsType.valueOf(json.getText());
      } catch (IllegalArgumentException e) {
        throw tensorError(
            file, name, "has the unknown dtype \"" + printable(json.getText()) + "\".");
      }
    }

    private List<Long> parseNumbers(JsonParser json, String name, String key) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw tensorError(file, name, "needs an array of whole numbers as " + key + ".");
      }
      List<Long> numbers = new ArrayList<>(4);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
            || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
            || json.getLongValue() < 0) {
          throw tensorError(file, name, "needs whole numbers from 0 to 2^63-1 in " + key + ".");
        }
        numbers.add(json.getLongValue());
      }
      return numbers;
    }

    private TensorInfo check(
        String name, SafetensorsType type, List<Long> shape, long begin, long end)
        throws FileFormatException {
      if (end < begin) {
        throw tensorError(
            file, name, "ends before it starts: data_offsets " + begin + ", " + end + ".");
      }
      long bytes;
      try {
        bytes = Math.multiplyExact(TensorInfo.elementCount(shape), (long) type.bytes());
      } catch (ArithmeticException e) {
        throw tensorError(file, name, "has the impossible shape " + shape + ".");
      }
      if (bytes != end - begin) {
        throw tensorError(
            file,
            name,
            "has shape "
                + shape
                + " of "
                + type
                + ", which is "
                + bytes
                + " bytes, but data_offsets give it "
                + (end - begin)
                + ".");
      }
      return new TensorInfo(name, type, shape, begin);
    }
  }
}
