package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A task of texts or pairs of texts in a table: TSV, CSV or JSON lines, by the names or places of
 * the columns.
 *
 * <pre>{@code
 * TextTask task =
 *     TextTask.builder("reviews", TaskKind.CLASSIFICATION).text("text").label("label").build();
 * TaskData<TextExample> data = task.read(Path.of("reviews")); // train.tsv, dev.tsv, test.tsv
 * }</pre>
 *
 * <p>The train and dev splits must have labels; other splits may lack the column. Without {@link
 * Builder#labels} the labels are those found, in all splits, sorted.
 */
public final class TextTask implements Task<TextExample> {
  static final Map<String, List<String>> DEFAULT_FILES = defaultFiles();

  final Map<String, Split> splits;
  private final Builder values;

  /** A split's file names in order of preference, and how the file is laid out. */
  record Split(List<String> files, TextColumns columns) {}

  /**
   * Names of files that list which rows of the training file are the dev split, by these columns.
   */
  record DevIds(List<Column> columns, List<String> files) {}

  private TextTask(Builder builder) {
    this.values = builder;
    Map<String, Split> all = new LinkedHashMap<>();
    if (builder.splits.isEmpty()) {
      DEFAULT_FILES.forEach((split, files) -> all.put(split, new Split(files, builder.columns())));
    }
    all.putAll(builder.splits);
    this.splits = all;
  }

  /**
   * Returns a builder.
   *
   * @param name the task's name
   * @param kind {@link TaskKind#CLASSIFICATION}, {@link TaskKind#REGRESSION} or {@link
   *     TaskKind#MULTI_LABEL}
   * @throws IllegalArgumentException for another kind
   */
  public static Builder builder(String name, TaskKind kind) {
    return new Builder(name, kind);
  }

  @Override
  public String name() {
    return values.name;
  }

  @Override
  public TaskKind kind() {
    return values.kind;
  }

  @Override
  public List<String> metrics() {
    return values.metrics;
  }

  /** Returns the labels if they are fixed; empty if they are those that the files have. */
  public List<String> labels() {
    return values.labels;
  }

  /**
   * Returns whether the order of a pair carries no meaning, so that training may see each pair also
   * swapped (google-research/electra does for MRPC and STS).
   */
  public boolean symmetric() {
    return values.symmetric;
  }

  @Override
  public Map<String, Path> files(Path folder) throws IOException {
    Map<String, List<String>> names = new LinkedHashMap<>();
    splits.forEach((split, source) -> names.put(split, source.files()));
    Map<String, Path> found = TaskFiles.find(folder, names);
    if (values.devIds != null && !found.containsKey(TaskData.DEV)) {
      values.devIds.files().stream()
          .map(folder::resolve)
          .filter(Files::isRegularFile)
          .findFirst()
          .ifPresent(file -> found.put(TaskData.DEV, file));
    }
    return found;
  }

  /** Returns the columns of the ids if the file of the dev split lists ids, else none. */
  List<Column> devIdColumns(Map<String, Path> files) {
    Path dev = files.get(TaskData.DEV);
    return values.devIds != null
            && dev != null
            && values.devIds.files().contains(dev.getFileName().toString())
        ? values.devIds.columns()
        : List.of();
  }

  @Override
  public TaskData<TextExample> read(Map<String, Path> files) throws IOException {
    return new TextTaskReader(this).read(files);
  }

  TextColumns columns(String split) {
    Split known = splits.get(split);
    return known == null ? splits.values().iterator().next().columns() : known.columns();
  }

  boolean skipsMalformed() {
    return values.skipMalformed;
  }

  Set<String> noLabel() {
    return values.noLabel;
  }

  String labelSeparator() {
    return values.labelSeparator;
  }

  private static Map<String, List<String>> defaultFiles() {
    Map<String, List<String>> files = new LinkedHashMap<>();
    List<String> endings = List.of(".tsv", ".csv", ".jsonl", ".json", ".txt");
    files.put(TaskData.TRAIN, TaskFiles.names(List.of("train"), endings));
    files.put(
        TaskData.DEV, TaskFiles.names(List.of("dev", "validation", "valid", "devel"), endings));
    files.put(TaskData.TEST, TaskFiles.names(List.of("test"), endings));
    return files;
  }

  /** Describes the files of a {@link TextTask}. */
  public static final class Builder {
    private DevIds devIds;
    private final String name;
    private final TaskKind kind;
    private final Map<String, Split> splits = new LinkedHashMap<>();
    private Column id;
    private Column text;
    private Column pair;
    private List<Column> label = List.of();
    private boolean indicators;
    private TableFormat format;
    private Character separator;
    private boolean header = true;
    private List<String> labels = List.of();
    private List<String> metrics;
    private Set<String> noLabel = Set.of();
    private String labelSeparator = ",";
    private boolean symmetric;
    private boolean skipMalformed;

    private Builder(String name, TaskKind kind) {
      if (kind == TaskKind.TAGGING || kind == TaskKind.QUESTION_ANSWERING) {
        throw new IllegalArgumentException("a task of texts cannot be of kind " + kind);
      }
      this.name = name.toLowerCase(Locale.ROOT);
      this.kind = kind;
      this.metrics =
          switch (kind) {
            case REGRESSION -> List.of("pearson", "spearman");
            case MULTI_LABEL -> List.of("f1", "f1_macro");
            default -> List.of("accuracy");
          };
    }

    /** Sets the column of the text; of several names the first that a file has. */
    public Builder text(String... names) {
      text = Column.named(names);
      return this;
    }

    /** Sets the place of the text's column from 0; from -1 backwards, counted from the last. */
    public Builder text(int place) {
      text = Column.at(place);
      return this;
    }

    /** Sets the column of the second text of a pair, as {@link #text(String...)}. */
    public Builder pair(String... names) {
      pair = Column.named(names);
      return this;
    }

    /** Sets the place of the second text's column, as {@link #text(int)}. */
    public Builder pair(int place) {
      pair = Column.at(place);
      return this;
    }

    /** Sets the column of the label or number, as {@link #text(String...)}. */
    public Builder label(String... names) {
      label = List.of(Column.named(names));
      indicators = false;
      return this;
    }

    /** Sets the place of the label's column, as {@link #text(int)}. */
    public Builder label(int place) {
      label = List.of(Column.at(place));
      indicators = false;
      return this;
    }

    /**
     * Sets one column for each label of a {@link TaskKind#MULTI_LABEL} task: 1 or true where it
     * applies, 0 or false where not. The columns' names are the labels.
     */
    public Builder labelColumns(String... names) {
      label = List.of(names).stream().map(Column::named).toList();
      labels = List.of(names);
      indicators = true;
      return this;
    }

    /** Sets what stands between several labels in one column; "," by default. */
    public Builder labelSeparator(String value) {
      labelSeparator = value;
      return this;
    }

    /** Sets the column of the example's id, which a file may lack; by default rows are counted. */
    public Builder id(String... names) {
      id = Column.named(names);
      return this;
    }

    /** Fixes the labels and their order; another one in a file is an error. */
    public Builder labels(String... values) {
      labels = List.of(values);
      return this;
    }

    /** Sets what stands in the label column of a row that has no label; such rows are skipped. */
    public Builder noLabel(String... values) {
      noLabel = Set.of(values);
      return this;
    }

    /** Sets whether the first row names the columns; by default it does. */
    public Builder header(boolean value) {
      header = value;
      return this;
    }

    /** Sets the format; by default the file's name tells. */
    public Builder format(TableFormat value) {
      format = value;
      return this;
    }

    /** Sets what is between the values of TSV and CSV; a tab and a comma by default. */
    public Builder separator(char value) {
      separator = value;
      return this;
    }

    /** Sets the metrics; the first is the one to choose by. */
    public Builder metrics(String... names) {
      metrics = List.of(names);
      return this;
    }

    /** Sets {@link TextTask#symmetric}. */
    public Builder symmetric(boolean value) {
      symmetric = value;
      return this;
    }

    /** Sets whether malformed rows are skipped and counted; by default they are errors. */
    public Builder skipMalformed(boolean value) {
      skipMalformed = value;
      return this;
    }

    /**
     * Sets the names that a split's file may have, in order of preference; its columns are those
     * set so far. Without any split the files are train, dev and test with an ending that {@link
     * TableFormat#of} knows.
     */
    public Builder split(String split, String... files) {
      splits.put(split, new Split(List.of(files), columns()));
      return this;
    }

    /**
     * Sets the names of a file that lists which rows of the training file are the dev split, where
     * there is no file of that split: a line has the values of these columns with tabs between.
     */
    Builder devIds(List<String> columns, String... files) {
      devIds = new DevIds(columns.stream().map(Column::named).toList(), List.of(files));
      return this;
    }

    /**
     * Returns the task.
     *
     * @throws IllegalArgumentException if no text or no label column was set, or several label
     *     columns for a task of one label
     */
    public TextTask build() {
      if (text == null || label.isEmpty()) {
        throw new IllegalArgumentException(
            "task " + name + " needs a column for the " + (text == null ? "text" : "label"));
      }
      if (indicators && kind != TaskKind.MULTI_LABEL) {
        throw new IllegalArgumentException(
            "only a task of several labels has a column for each, " + name + " is " + kind);
      }
      return new TextTask(this);
    }

    private TextColumns columns() {
      return new TextColumns(format, separator, header, id, text, pair, label, indicators);
    }
  }
}
