package org.electra4j.finetune.data;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Rows of a file, or answers of its questions, that are left out, for one reason.
 *
 * @param file the file
 * @param reason why they are left out
 * @param count how many
 * @param firstLine the line of the first, counted from 1
 */
public record SkippedRows(Path file, String reason, int count, long firstLine) {

  /** Checks the fields. */
  public SkippedRows {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(reason, "reason");
  }

  @Override
  public String toString() {
    return String.format(
        "%s: %,d left out because %s (first: line %d)", file, count, reason, firstLine);
  }
}
