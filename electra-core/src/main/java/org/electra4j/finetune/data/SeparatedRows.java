package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.electra4j.io.FileFormatException;

/** Rows whose columns have places, named by the first row or not. */
abstract class SeparatedRows extends TableRows {
  private final Path file;
  private final boolean named;
  private final List<Column> columns;
  private final int least;
  private List<String> header = List.of();
  private int[] places = new int[0];
  private List<String> values = List.of();

  SeparatedRows(Path file, Layout layout, List<Column> columns) {
    this.file = file;
    this.named = layout.header();
    this.columns = List.copyOf(columns);
    this.least =
        columns.stream().mapToInt(c -> c.index() < 0 ? -c.index() : c.index() + 1).max().orElse(0);
  }

  /** Returns the values of the next row, or null at the end. */
  abstract List<String> read() throws IOException;

  /** Reads the header, if there is one. Subclasses call it when they are ready to read. */
  final void start() throws IOException {
    if (named) {
      List<String> first = read();
      if (first == null) {
        throw new FileFormatException(file, "is empty; its first row should name the columns.");
      }
      header = first.stream().map(String::strip).toList();
      requireDistinct();
      if (least > header.size()) {
        throw new FileFormatException(
            file, 1, count(header.size()) + ", but at least " + least + " are needed.");
      }
    }
    places = columns.stream().mapToInt(column -> column.place(header)).toArray();
  }

  private void requireDistinct() throws FileFormatException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      for (String name : columns.get(i).names()) {
        if (header.indexOf(name) != header.lastIndexOf(name) && seen.add(name)) {
          throw new FileFormatException(file, 1, "two columns are named '" + name + "'.");
        }
      }
    }
  }

  @Override
  boolean next() throws IOException {
    values = read();
    return values != null;
  }

  @Override
  boolean blank() {
    return values.size() == 1 && values.get(0).isBlank();
  }

  @Override
  String problem() {
    if (named && values.size() != header.size()) {
      return count(values.size()) + ", but the first row names " + header.size();
    }
    if (!named && values.size() < least) {
      return count(values.size()) + ", but at least " + least + " are needed";
    }
    return null;
  }

  private static String count(int values) {
    return values == 1 ? "the row has 1 column" : "the row has " + values + " columns";
  }

  @Override
  List<String> header() {
    return header;
  }

  @Override
  boolean has(int column) {
    return places[column] != Column.ABSENT;
  }

  @Override
  String text(int column) {
    if (!has(column)) {
      return null;
    }
    int place = places[column];
    return values.get(place < 0 ? values.size() + place : place);
  }

  /** Returns the values between separators. */
  static List<String> values(String line, char separator) {
    List<String> values = new ArrayList<>();
    int from = 0;
    for (int at; (at = line.indexOf(separator, from)) >= 0; from = at + 1) {
      values.add(line.substring(from, at));
    }
    values.add(line.substring(from));
    return values;
  }
}
