package org.electra4j.finetune.data;

import java.nio.file.Path;
import java.util.Set;

/** How a file writes rows of values. */
public enum TableFormat {
  /** Values between tabs, a row a line; quotes are plain characters, as in GLUE's files. */
  TSV,
  /** Values between commas or another separator, quoted where need be (RFC 4180). */
  CSV,
  /** A JSON object a line. */
  JSON_LINES;

  private static final Set<String> JSON = Set.of(".jsonl", ".json", ".ndjson");

  /** Returns the format that a file's name tells: .csv, .jsonl, .json or .ndjson, else TSV. */
  public static TableFormat of(Path file) {
    String ending = DataFile.ending(file);
    return ending.equals(".csv") ? CSV : JSON.contains(ending) ? JSON_LINES : TSV;
  }
}
