package org.electra4j.finetune.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The rows of a table file, one at a time, as the texts of chosen columns. */
abstract class TableRows implements Closeable {

  /**
   * How a file is laid out.
   *
   * @param format how rows are written
   * @param separator between the values of TSV and CSV
   * @param header whether the first row names the columns; JSON rows always do
   */
  record Layout(TableFormat format, char separator, boolean header) {}

  /** Opens a file to read some columns. */
  static TableRows open(Path file, Layout layout, List<Column> columns) throws IOException {
    return switch (layout.format()) {
      case TSV -> new TsvRows(file, layout, columns);
      case CSV -> new CsvRows(file, layout, columns);
      case JSON_LINES -> new JsonRows(file, columns);
    };
  }

  /** Goes to the next row; returns false at the end. */
  abstract boolean next() throws IOException;

  /** Returns the line on which the row starts, from 1. */
  abstract long line();

  /** Returns whether the row is an empty line. */
  abstract boolean blank();

  /** Returns what is wrong with the row as a whole, or null. */
  abstract String problem();

  /**
   * Returns the columns' names; empty if the file does not name them, or each row names its own.
   */
  abstract List<String> header();

  /** Returns whether the file has a chosen column, as far as the header tells. */
  abstract boolean has(int column);

  /**
   * Returns the text of a chosen column, or null if the row has none.
   *
   * @throws IllegalArgumentException if the value is a list or an object; the message says so
   */
  abstract String text(int column);

  /** Returns the texts of a chosen column that holds several, or null if the row has none. */
  List<String> texts(int column, String separator) {
    String text = text(column);
    return text == null ? null : split(text, separator);
  }

  /** Returns the parts of a text, trimmed; none of a blank text. */
  static List<String> split(String text, String separator) {
    List<String> parts = new ArrayList<>();
    if (!text.isBlank()) {
      int from = 0;
      for (int at; (at = text.indexOf(separator, from)) >= 0; from = at + separator.length()) {
        parts.add(text.substring(from, at).strip());
      }
      parts.add(text.substring(from).strip());
    }
    return parts;
  }
}
