package org.electra4j.finetune.data;

import static org.electra4j.finetune.data.TextColumns.ID;
import static org.electra4j.finetune.data.TextColumns.LABEL;
import static org.electra4j.finetune.data.TextColumns.PAIR;
import static org.electra4j.finetune.data.TextColumns.TEXT;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;

/** Reads the files of a {@link TextTask}: rows first, then labels, then examples. */
final class TextTaskReader {
  private static final List<String> LABELLED = List.of(TaskData.TRAIN, TaskData.DEV);

  private final TextTask task;
  private final List<SkippedRows> skipped = new ArrayList<>();

  /** A row; {@code labels} is null if the file has no label column. */
  private record Row(String id, String text, String pair, List<String> labels, double number) {}

  /** Rows of the training file that are the dev split, or null. */
  private DevIdList devIds;

  private List<Column> idColumns = List.of();
  private final List<Row> devRows = new ArrayList<>();

  TextTaskReader(TextTask task) {
    this.task = task;
  }

  TaskData<TextExample> read(Map<String, Path> files) throws IOException {
    Map<String, List<Row>> rows = new LinkedHashMap<>();
    LabelSet labels = new LabelSet(task.labels());
    idColumns = task.devIdColumns(files);
    if (!idColumns.isEmpty()) {
      devIds = new DevIdList(files.get(TaskData.DEV), idColumns);
    }
    for (Map.Entry<String, Path> file : files.entrySet()) {
      boolean listed = devIds != null && file.getKey().equals(TaskData.DEV);
      rows.put(file.getKey(), listed ? devRows : read(file.getKey(), file.getValue(), labels));
    }
    if (devIds != null) {
      requireDevRows(files);
    }
    List<String> sorted = task.kind() == TaskKind.REGRESSION ? List.of() : labels.sorted();
    Map<String, Integer> indices = LabelSet.indices(sorted);
    Map<String, List<TextExample>> splits = new LinkedHashMap<>();
    rows.forEach(
        (split, all) -> splits.put(split, all.stream().map(row -> example(row, indices)).toList()));
    return new TaskData<>(sorted, splits, skipped);
  }

  private void requireDevRows(Map<String, Path> files) throws FileFormatException {
    Path train = files.get(TaskData.TRAIN);
    if (train == null) {
      throw new FileFormatException(
          files.get(TaskData.DEV), "lists rows of the training file, which is not there.");
    }
    devIds.requireAllFound(train);
  }

  private TextExample example(Row row, Map<String, Integer> indices) {
    return switch (task.kind()) {
      case REGRESSION -> new NumberExample(row.id, row.text, row.pair, row.number);
      case MULTI_LABEL ->
          new MultiLabelExample(
              row.id,
              row.text,
              row.pair,
              row.labels == null ? null : row.labels.stream().map(indices::get).toList());
      default ->
          new ClassExample(
              row.id,
              row.text,
              row.pair,
              row.labels == null ? ClassExample.UNLABELLED : indices.get(row.labels.get(0)));
    };
  }

  private List<Row> read(String split, Path file, LabelSet labels) throws IOException {
    TextColumns columns = task.columns(split);
    SkipCounter skips = new SkipCounter(file);
    List<Row> rows = new ArrayList<>();
    boolean splitting = devIds != null && split.equals(TaskData.TRAIN);
    List<Column> all = new ArrayList<>(columns.all());
    int firstId = all.size();
    all.addAll(splitting ? idColumns : List.of());
    try (TableRows table = TableRows.open(file, columns.layout(file), all)) {
      for (int i = 0; splitting && i < idColumns.size(); i++) {
        require(file, table, firstId + i, idColumns.get(i));
      }
      boolean labelled = checkColumns(split, file, columns, table);
      int number = 0;
      while (table.next()) {
        if (table.blank()) {
          skips.add("the line is blank", table.line());
          continue;
        }
        try {
          Row row = row(table, columns, labelled, number++, labels);
          requireLabel(split, row);
          (splitting && devIds.takes(ids(table, firstId)) ? devRows : rows).add(row);
        } catch (NoLabelException e) {
          skips.add("the row has no label", table.line());
        } catch (IllegalArgumentException e) {
          if (!task.skipsMalformed()) {
            throw new FileFormatException(file, table.line(), e.getMessage() + ".", e);
          }
          skips.add("the row is malformed", table.line());
        }
      }
    }
    skipped.addAll(skips.report());
    return rows;
  }

  /** Returns the ids of a row; a missing one is an empty text, which no list has. */
  private List<String> ids(TableRows table, int first) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < idColumns.size(); i++) {
      String id = table.text(first + i);
      ids.add(id == null ? "" : id.strip());
    }
    return ids;
  }

  private static void requireLabel(String split, Row row) {
    if (row.labels == null && LABELLED.contains(split)) {
      throw new IllegalArgumentException("the row has no label");
    }
  }

  /** Returns whether the file has labels. */
  private boolean checkColumns(String split, Path file, TextColumns columns, TableRows table)
      throws FileFormatException {
    require(file, table, TEXT, columns.text());
    if (columns.pair() != null) {
      require(file, table, PAIR, columns.pair());
    }
    boolean labelled = true;
    for (int i = 0; i < columns.label().size(); i++) {
      if (LABELLED.contains(split)) {
        require(file, table, LABEL + i, columns.label().get(i));
      }
      labelled &= table.has(LABEL + i);
    }
    return labelled;
  }

  private static void require(Path file, TableRows table, int column, Column name)
      throws FileFormatException {
    if (!table.has(column)) {
      throw new FileFormatException(
          file, 1, "there is no column " + name + "; the columns are " + table.header() + ".");
    }
  }

  /** Returns what a row says. */
  private Row row(
      TableRows table, TextColumns columns, boolean labelled, int number, LabelSet labels) {
    if (table.problem() != null) {
      throw new IllegalArgumentException(table.problem());
    }
    String text = required(table, TEXT, columns.text());
    String pair = columns.pair() == null ? null : required(table, PAIR, columns.pair());
    String given = columns.id() == null ? null : table.text(ID);
    String id = given == null ? Integer.toString(number) : given;
    if (!labelled) {
      return new Row(id, text, pair, null, Double.NaN);
    }
    List<String> texts = labelTexts(table, columns);
    if (texts == null) {
      return new Row(id, text, pair, null, Double.NaN);
    }
    if (texts.size() == 1 && task.noLabel().contains(texts.get(0))) {
      throw new NoLabelException();
    }
    if (task.kind() == TaskKind.REGRESSION) {
      return new Row(id, text, pair, texts, number(texts.get(0)));
    }
    return new Row(id, text, pair, texts.stream().map(labels::add).toList(), Double.NaN);
  }

  private static String required(TableRows table, int column, Column name) {
    String text = table.text(column);
    if (text == null) {
      throw new IllegalArgumentException("the row has no " + name);
    }
    return text;
  }

  /** Returns the labels of a row, or null if a JSON row of a split that may lack them has none. */
  private List<String> labelTexts(TableRows table, TextColumns columns) {
    if (columns.indicators()) {
      return indicated(table, columns);
    }
    if (task.kind() == TaskKind.MULTI_LABEL) {
      return table.texts(LABEL, task.labelSeparator());
    }
    String text = table.text(LABEL);
    return text == null ? null : List.of(text.strip());
  }

  private static List<String> indicated(TableRows table, TextColumns columns) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < columns.label().size(); i++) {
      Column column = columns.label().get(i);
      String text = table.text(LABEL + i);
      if (text == null) {
        return null;
      }
      switch (text.strip()) {
        case "1", "1.0", "true", "True" -> labels.add(column.names().get(0));
        case "0", "0.0", "false", "False" -> {}
        default ->
            throw new IllegalArgumentException(
                column + " is '" + text + "', but must be 1, 0, true or false");
      }
    }
    return labels;
  }

  private static double number(String text) {
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number) && !Character.isLetter(text.charAt(text.length() - 1))) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through: the message below says more than the exception's
    }
    throw new IllegalArgumentException("'" + text + "' is not a number");
  }

  /** Signals a row that says that it has no label. */
  private static final class NoLabelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoLabelException() {
      super(null, null, false, false);
    }
  }
}
