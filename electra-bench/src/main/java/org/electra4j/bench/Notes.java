package org.electra4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.train.ProcessMemory;

/**
 * Numbers of a benchmark's process that are no rates, planned memory for instance: lines of a file
 * that the property {@code electra.bench.notes} names; without it they are dropped.
 */
public final class Notes {
  /** The property that names the file. */
  public static final String PROPERTY = "electra.bench.notes";

  private Notes() {}

  /** Adds a number. */
  public static void add(String name, double value) {
    String file = System.getProperty(PROPERTY);
    if (file == null) {
      return;
    }
    try {
      Files.writeString(
          Path.of(file),
          name + " " + value + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the largest resident set that this process has had, where the system tells. */
  public static void addPeakMemory() {
    ProcessMemory.peakResident().ifPresent(bytes -> add("peak_rss_bytes", bytes));
  }

  /** Returns the numbers in a file by name, the last of each; none when there is no file. */
  public static Map<String, Double> read(Path file) throws IOException {
    Map<String, Double> notes = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int space = line.lastIndexOf(' ');
        notes.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
      }
    }
    return notes;
  }
}
