package org.electra4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.io.FileFormatException;

/** Reads and writes the lines of {@code metrics.jsonl}, whose steps ascend. */
final class MetricsLines {
  private static final JsonMapper JSON = new JsonMapper();

  /** Hears one line: its step and its values, NaN where the line has {@code null}. */
  interface Visitor {
    void line(long step, Map<String, Double> values);
  }

  private MetricsLines() {}

  /**
   * Returns a line: {@code {"step":N,…}} with seven significant digits, {@code null} for what is
   * not finite, and a line feed.
   */
  static byte[] line(long step, Map<String, Double> values) {
    ObjectNode object = JSON.createObjectNode().put("step", step);
    values.forEach(
        (name, value) -> {
          float rounded = value.floatValue();
          object.put(name, Float.isFinite(rounded) ? (Float) rounded : null);
        });
    return (object + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Visits the whole lines up to a step; a last line without a line feed was never finished and is
   * ignored.
   *
   * @return the bytes up to the end of the last visited line
   * @throws FileFormatException if a whole line is no JSON object with a step
   */
  static long read(Path file, long lastStep, Visitor visitor) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int begin = 0;
    int number = 1;
    for (int end = 0; end < bytes.length; end++) {
      if (bytes[end] == '\n') {
        ObjectNode object = parse(file, number++, bytes, begin, end - begin);
        if (object.get("step").longValue() > lastStep) {
          break;
        }
        visitor.line(object.get("step").longValue(), values(object));
        begin = end + 1;
      }
    }
    return begin;
  }

  /** Cuts off what follows the last whole line up to a step. */
  static void truncate(Path file, long lastStep) throws IOException {
    long length = read(file, lastStep, (step, values) -> {});
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(length);
    }
  }

  private static ObjectNode parse(Path file, int number, byte[] bytes, int begin, int length)
      throws FileFormatException {
    try {
      JsonNode node = JSON.readTree(bytes, begin, length);
      if (node instanceof ObjectNode object && object.path("step").isIntegralNumber()) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw badLine(file, number, e);
    } catch (IOException e) {
      throw new IllegalStateException("reading an array does not fail", e);
    }
    throw badLine(file, number, null);
  }

  private static FileFormatException badLine(Path file, int number, Throwable cause) {
    return new FileFormatException(
        file,
        "line " + number + " is no JSON object with a step; delete the line or the file.",
        cause);
  }

  private static Map<String, Double> values(ObjectNode object) {
    Map<String, Double> values = new LinkedHashMap<>();
    object
        .fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().equals("step")) {
                values.put(field.getKey(), field.getValue().asDouble(Double.NaN));
              }
            });
    return values;
  }
}
