package org.electra4j.finetune.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the rows of a file that give no example, by reason. */
final class SkipCounter {
  private static final Logger LOG = LoggerFactory.getLogger(SkipCounter.class);

  private final Path file;
  private final Map<String, SkippedRows> rows = new LinkedHashMap<>();

  SkipCounter(Path file) {
    this.file = file;
  }

  void add(String reason, long line) {
    rows.merge(
        reason,
        new SkippedRows(file, reason, 1, line),
        (old, one) -> new SkippedRows(file, reason, old.count() + 1, old.firstLine()));
  }

  /** Returns the counts, and logs each as a warning. */
  List<SkippedRows> report() {
    List<SkippedRows> all = new ArrayList<>(rows.values());
    all.forEach(skipped -> LOG.warn("{}", skipped));
    return all;
  }
}
