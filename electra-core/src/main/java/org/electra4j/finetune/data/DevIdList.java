package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.electra4j.io.FileFormatException;

/** A file that lists rows of the training file by ids, which then are the dev split. */
final class DevIdList {
  private static final Pattern TAB = Pattern.compile("\t");

  private final Path file;
  private final Set<List<String>> ids = new HashSet<>();
  private final Set<List<String>> found = new HashSet<>();

  /**
   * Reads the file: the ids of a row a line, with tabs between; a first line with the columns'
   * names is skipped.
   */
  DevIdList(Path file, List<Column> columns) throws IOException {
    this.file = file;
    List<String> header = columns.stream().map(column -> column.names().get(0)).toList();
    try (TextLines lines = new TextLines(file)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        List<String> row = TAB.splitAsStream(line.strip()).map(String::strip).toList();
        if (lines.line() == 1 && row.equals(header)) {
          continue;
        }
        if (row.size() != columns.size() || row.stream().anyMatch(String::isEmpty)) {
          throw new FileFormatException(
              file, lines.line(), "must have " + columns.size() + " ids with a tab between.");
        }
        if (!ids.add(row)) {
          throw new FileFormatException(file, lines.line(), "lists " + row + " a second time.");
        }
      }
    }
  }

  /** Returns whether a row of the training file is listed. */
  boolean takes(List<String> row) {
    return ids.contains(row) && found.add(row);
  }

  /** Requires that every listed row was found. */
  void requireAllFound(Path train) throws FileFormatException {
    if (found.size() < ids.size()) {
      ids.removeAll(found);
      List<String> first = ids.stream().min(Comparator.comparing(List::toString)).orElseThrow();
      throw new FileFormatException(
          file,
          "lists rows that "
              + train
              + " lacks, "
              + ids.size()
              + " in all: "
              + String.join(" and ", first)
              + " for instance.");
    }
  }
}
