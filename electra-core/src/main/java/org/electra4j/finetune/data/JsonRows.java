package org.electra4j.finetune.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.JsonProblems;

/** Rows of a file with a JSON object a line. */
final class JsonRows extends TableRows {
  private final Path file;
  private final List<Column> columns;
  private final TextLines lines;
  private JsonNode row = MissingNode.getInstance();

  JsonRows(Path file, List<Column> columns) throws IOException {
    for (Column column : columns) {
      if (!column.byName()) {
        throw new IllegalArgumentException(
            file + " has JSON rows: choose their columns by name, not as " + column);
      }
    }
    this.file = file;
    this.columns = List.copyOf(columns);
    this.lines = new TextLines(file);
  }

  @Override
  boolean next() throws IOException {
    String line = lines.next();
    if (line == null) {
      return false;
    }
    try {
      row = DataJson.LINE.readTree(line);
    } catch (JsonProcessingException e) {
      throw JsonProblems.inLine(file, lines.line(), e);
    }
    if (!row.isMissingNode() && !row.isObject()) {
      throw new FileFormatException(
          file, lines.line(), "is not a JSON object; write one object a line.");
    }
    return true;
  }

  @Override
  long line() {
    return lines.line();
  }

  @Override
  boolean blank() {
    return row.isMissingNode();
  }

  @Override
  String problem() {
    return null;
  }

  @Override
  List<String> header() {
    return List.of();
  }

  @Override
  boolean has(int column) {
    return true;
  }

  @Override
  String text(int column) {
    JsonNode value = node(column);
    return value == null ? null : text(columns.get(column), value);
  }

  @Override
  List<String> texts(int column, String separator) {
    JsonNode value = node(column);
    if (value == null || !value.isArray()) {
      return super.texts(column, separator);
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      texts.add(text(columns.get(column), element));
    }
    return texts;
  }

  /** Returns the value of the first name that the row has, or null. */
  private JsonNode node(int column) {
    for (String name : columns.get(column).names()) {
      if (row.hasNonNull(name)) {
        return row.get(name);
      }
    }
    return null;
  }

  private static String text(Column column, JsonNode value) {
    if (!value.isValueNode() || value.isNull()) {
      throw new IllegalArgumentException(column + " must be a text, a number, true or false");
    }
    return value.asText();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
