package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Rows of a file without quoting: a row is a line, whatever quotes it has. */
final class TsvRows extends SeparatedRows {
  private final TextLines lines;
  private final char separator;

  TsvRows(Path file, Layout layout, List<Column> columns) throws IOException {
    super(file, layout, columns);
    this.lines = new TextLines(file);
    this.separator = layout.separator();
    Closing.onFailure(this, this::start);
  }

  @Override
  List<String> read() throws IOException {
    String line = lines.next();
    return line == null ? null : values(line, separator);
  }

  @Override
  long line() {
    return lines.line();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
