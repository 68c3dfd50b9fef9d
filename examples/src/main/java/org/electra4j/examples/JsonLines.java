package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Writes JSON objects, one a line. */
final class JsonLines {
  /** Writes the fields of one object. */
  @FunctionalInterface
  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private final JsonGenerator json;

  JsonLines(OutputStream out) throws IOException {
    json = new JsonFactory().createGenerator(out);
    json.setRootValueSeparator(null);
  }

  void write(Fields fields) throws IOException {
    json.writeStartObject();
    fields.write(json);
    json.writeEndObject();
    json.writeRaw('\n');
  }

  void flush() throws IOException {
    json.flush();
  }

  /** Writes a place in a text, null below 0. */
  static void writePlace(JsonGenerator json, String name, int place) throws IOException {
    if (place < 0) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, place);
    }
  }

  /** Writes a number, null for one that is not finite: JSON has none. */
  static void writeNumber(JsonGenerator json, String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeNullField(name);
    }
  }

  /** Writes numbers by their names. */
  static void writeNumbers(JsonGenerator json, Map<String, Double> values) throws IOException {
    for (Map.Entry<String, Double> entry : values.entrySet()) {
      writeNumber(json, entry.getKey(), entry.getValue());
    }
  }

  static void writeVector(JsonGenerator json, float[] values) throws IOException {
    json.writeStartArray();
    for (float value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }
}
