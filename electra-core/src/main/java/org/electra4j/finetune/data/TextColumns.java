package org.electra4j.finetune.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a table has the parts of a {@link TextExample}.
 *
 * @param format null if the file's name tells it
 * @param separator null for the format's own
 * @param id null if rows are counted
 * @param pair null if there is one text
 * @param label one column, or with {@code indicators} one for each label
 */
record TextColumns(
    TableFormat format,
    Character separator,
    boolean header,
    Column id,
    Column text,
    Column pair,
    List<Column> label,
    boolean indicators) {
  static final int TEXT = 0;
  static final int PAIR = 1;
  static final int ID = 2;
  static final int LABEL = 3;
  private static final Column NONE = Column.named("");

  /**
   * Returns the columns in the order of {@link #TEXT}, {@link #PAIR}, {@link #ID}, {@link #LABEL}.
   */
  List<Column> all() {
    List<Column> all = new ArrayList<>();
    all.add(text);
    all.add(pair == null ? NONE : pair);
    all.add(id == null ? NONE : id);
    all.addAll(label);
    return all;
  }

  TableRows.Layout layout(Path file) {
    TableFormat actual = format == null ? TableFormat.of(file) : format;
    char between = separator != null ? separator : actual == TableFormat.CSV ? ',' : '\t';
    return new TableRows.Layout(actual, between, header);
  }
}
