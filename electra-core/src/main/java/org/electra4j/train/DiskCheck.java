package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.electra4j.PretrainingConfig;
import org.electra4j.nn.ParameterStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of a disk that has no room for what a run will keep, before the run has taken hours. */
public final class DiskCheck {
  private static final Logger LOG = LoggerFactory.getLogger(DiskCheck.class);
  private static final double MEGABYTE = 1e6;

  private DiskCheck() {}

  /** Logs a warning when the output folder has no room for the checkpoints of a new run. */
  static void warn(Path output, PretrainingConfig config, ParameterStore store) {
    long atOnce = config.saveEvery() == 0 ? 0 : config.steps() / config.saveEvery();
    warn(output, checkpointBytes(store) * (Math.min(config.keepCheckpoints(), atOnce) + 1));
  }

  /** Returns the bytes of weights and both moments, fp32. */
  public static long checkpointBytes(ParameterStore store) {
    return 3 * store.parameterCount() * Float.BYTES;
  }

  /**
   * Logs a warning when the file system of a folder has fewer bytes than a run will write there;
   * what it says about itself may be wrong, so it is no error.
   *
   * @param bytes of all models and checkpoints that will lie there at the same time
   */
  public static void warn(Path folder, long bytes) {
    try {
      warning(folder, bytes, Files.getFileStore(folder).getUsableSpace()).ifPresent(LOG::warn);
    } catch (IOException e) {
      LOG.debug("How much room {} has is not known.", folder, e);
    }
  }

  static Optional<String> warning(Path folder, long bytes, long free) {
    return bytes <= free
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s has room for %,.0f MB, but the run will keep %,.0f MB of models and checkpoints"
                    + " there; make room before it saves.",
                folder,
                free / MEGABYTE,
                bytes / MEGABYTE));
  }
}
