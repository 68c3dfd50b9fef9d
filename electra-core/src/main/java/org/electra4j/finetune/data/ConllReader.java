package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.io.FileFormatException;

/** Reads words and tags in columns. */
final class ConllReader {
  private static final String DOCUMENT_START = "-DOCSTART-";

  private final int wordColumn;
  private final int tagColumn;
  private final Character separator;
  private final Map<String, String> texts = new HashMap<>();

  /**
   * A sentence.
   *
   * @param tags null if the file has none
   */
  record Sentence(List<String> words, List<String> tags) {}

  ConllReader(int wordColumn, int tagColumn, Character separator) {
    this.wordColumn = wordColumn;
    this.tagColumn = tagColumn;
    this.separator = separator;
  }

  /**
   * Returns the sentences of a file. A file whose rows have only a word has no tags.
   *
   * @throws FileFormatException if a row lacks its word or its tag
   */
  List<Sentence> read(Path file) throws IOException {
    List<Sentence> sentences = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    Boolean tagged = null;
    try (TextLines lines = new TextLines(file)) {
      for (String line; (line = lines.next()) != null; ) {
        if (line.isBlank() || line.startsWith(DOCUMENT_START)) {
          add(sentences, words, tags);
          continue;
        }
        List<String> columns = columns(line);
        boolean hasTag = columns.size() > 1;
        tagged = tagged == null ? hasTag : tagged;
        if (hasTag != tagged) {
          String problem = hasTag ? "has a tag, but the rows before have none" : "has no tag";
          throw new FileFormatException(file, lines.line(), "the row " + problem + ".");
        }
        words.add(intern(column(file, lines.line(), columns, hasTag ? wordColumn : 0, "word")));
        if (hasTag) {
          tags.add(intern(column(file, lines.line(), columns, tagColumn, "tag")));
        }
      }
    }
    add(sentences, words, tags);
    return sentences;
  }

  private static void add(List<Sentence> sentences, List<String> words, List<String> tags) {
    if (!words.isEmpty()) {
      sentences.add(new Sentence(List.copyOf(words), tags.isEmpty() ? null : List.copyOf(tags)));
      words.clear();
      tags.clear();
    }
  }

  private String column(Path file, long line, List<String> columns, int column, String what)
      throws FileFormatException {
    int place = column < 0 ? columns.size() + column : column;
    if (place < 0 || place >= columns.size() || columns.get(place).isEmpty()) {
      throw new FileFormatException(
          file,
          line,
          String.format(
              "the row has no %s in column %d; it has %d columns.", what, column, columns.size()));
    }
    return columns.get(place);
  }

  /** Words repeat: one instance of each text takes a fraction of the memory. */
  private String intern(String text) {
    String same = texts.putIfAbsent(text, text);
    return same == null ? text : same;
  }

  private List<String> columns(String line) {
    if (separator != null) {
      return SeparatedRows.values(line, separator);
    }
    return line.indexOf('\t') >= 0 ? SeparatedRows.values(line, '\t') : betweenBlanks(line);
  }

  private static List<String> betweenBlanks(String line) {
    List<String> columns = new ArrayList<>();
    for (String column : SeparatedRows.values(line, ' ')) {
      if (!column.isEmpty()) {
        columns.add(column);
      }
    }
    return columns;
  }
}
