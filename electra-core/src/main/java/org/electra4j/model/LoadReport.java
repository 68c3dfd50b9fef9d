package org.electra4j.model;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.io.FileFormatException;

/**
 * What loading a file into a network did.
 *
 * @param file the weights file
 * @param loaded parameters that were found
 * @param missing parameters that the file lacks: they keep their values
 * @param unexpected tensors of the file that the network has no place for
 * @param ignored tensors that are known and not needed: BERT's pooler and pre-training head, which
 *     ELECTRA has not, and tied weights and buffers that some files repeat
 */
public record LoadReport(
    Path file,
    List<String> loaded,
    List<String> missing,
    List<String> unexpected,
    List<String> ignored) {

  private static final int NAMED_TENSORS = 5;

  /** Copies the lists. */
  public LoadReport {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    ignored = List.copyOf(ignored);
  }

  /**
   * Returns this report.
   *
   * @throws FileFormatException when a parameter of the network is missing
   */
  public LoadReport requireComplete() throws FileFormatException {
    if (!missing.isEmpty()) {
      List<String> named = missing.subList(0, Math.min(NAMED_TENSORS, missing.size()));
      int others = missing.size() - named.size();
      throw new FileFormatException(
          file,
          "lacks tensors of the network: "
              + String.join(", ", named)
              + (others > 0 ? " and " + others + " more." : "."));
    }
    return this;
  }

  /** Returns one line for the log. */
  public String summary() {
    return file
        + ": "
        + loaded.size()
        + " tensors loaded, missing "
        + (missing.isEmpty() ? "none" : missing)
        + ", unexpected "
        + (unexpected.isEmpty() ? "none" : unexpected)
        + (ignored.isEmpty() ? "" : ", ignored " + ignored);
  }
}
