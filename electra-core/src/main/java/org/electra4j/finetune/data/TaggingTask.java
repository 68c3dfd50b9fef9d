package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A task of tagged words in columns: a word a line, a blank line after each sentence, {@code
 * -DOCSTART-} lines between documents (the files of the CoNLL shared tasks).
 *
 * <pre>{@code
 * TaskData<TaggedWords> data = TaggingTask.builder("ner").build().read(Path.of("wnut17"));
 * }</pre>
 *
 * <p>The scheme of the tags is told from the files. Tags that mark spans are rewritten to {@link
 * Builder#scheme}, BIOES by default as google-research/electra does; tags of words stay. The labels
 * are the tags of all splits, sorted.
 */
public final class TaggingTask implements Task<TaggedWords> {
  private final Builder values;

  private TaggingTask(Builder builder) {
    this.values = builder;
  }

  /** Returns a builder; without any setting it reads words in column 0 and tags in the last. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  @Override
  public String name() {
    return values.name;
  }

  @Override
  public TaskKind kind() {
    return TaskKind.TAGGING;
  }

  @Override
  public List<String> metrics() {
    return List.of("f1", "precision", "recall");
  }

  @Override
  public Map<String, Path> files(Path folder) throws IOException {
    return TaskFiles.find(folder, values.files);
  }

  @Override
  public TaskData<TaggedWords> read(Map<String, Path> files) throws IOException {
    return new TaggingTaskReader(
            new ConllReader(values.wordColumn, values.tagColumn, values.separator), values.scheme)
        .read(files);
  }

  /** Describes the files of a {@link TaggingTask}. */
  public static final class Builder {
    private static final List<String> ENDINGS = List.of(".txt", ".conll", ".tsv", ".bio", ".iob2");

    private final String name;
    private final Map<String, List<String>> files = new LinkedHashMap<>();
    private int wordColumn;
    private int tagColumn = -1;
    private Character separator;
    private TagScheme scheme = TagScheme.BIOES;

    private Builder(String name) {
      this.name = name.toLowerCase(Locale.ROOT);
      files.put(TaskData.TRAIN, names(List.of("train"), "eng.train"));
      files.put(
          TaskData.DEV,
          names(List.of("dev", "valid", "validation", "devel", "testa"), "eng.testa"));
      files.put(TaskData.TEST, names(List.of("test", "testb"), "eng.testb"));
    }

    private static List<String> names(List<String> stems, String conll2003) {
      List<String> names = TaskFiles.names(stems, ENDINGS);
      names.add(conll2003);
      return names;
    }

    /** Sets the column of the word from 0; from -1 backwards, counted from the last. */
    public Builder wordColumn(int value) {
      wordColumn = value;
      return this;
    }

    /** Sets the column of the tag from 0; from -1 backwards, counted from the last. */
    public Builder tagColumn(int value) {
      tagColumn = value;
      return this;
    }

    /**
     * Sets what is between two columns; by default a tab where a line has one, else blanks, however
     * many.
     */
    public Builder separator(char value) {
      separator = value;
      return this;
    }

    /**
     * Sets the scheme that spans are rewritten to: {@link TagScheme#IOB1}, {@link TagScheme#BIO} or
     * {@link TagScheme#BIOES}; {@link TagScheme#WORDS} leaves all tags as the files have them.
     */
    public Builder scheme(TagScheme value) {
      scheme = value;
      return this;
    }

    /** Sets the names that a split's file may have, in order of preference. */
    public Builder split(String split, String... names) {
      files.put(split, List.of(names));
      return this;
    }

    /** Returns the task. */
    public TaggingTask build() {
      return new TaggingTask(this);
    }
  }
}
