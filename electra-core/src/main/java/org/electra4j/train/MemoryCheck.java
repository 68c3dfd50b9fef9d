package org.electra4j.train;

import java.util.Locale;
import java.util.function.IntToLongFunction;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;

/** Refuses what is larger than the memory of a device, before anything is allocated there. */
public final class MemoryCheck {
  private MemoryCheck() {}

  /**
   * Requires that a backend has the memory for a run.
   *
   * @param bytes of everything
   * @param parameterBytes of these, those of parameters and optimizer
   * @param batchSize sequences of a batch
   * @param step what takes the other bytes, for the message
   * @param advice what makes up for a smaller batch, with the words before it; or empty
   * @param bytesOf the bytes of everything with batches of another size
   * @throws BackendException when it has not; the message says how much is needed, how much is
   *     free, and which batch would fit
   */
  public static void requireRoom(
      Backend backend,
      long bytes,
      long parameterBytes,
      int batchSize,
      String step,
      String advice,
      IntToLongFunction bytesOf) {
    long free = backend.freeBytes();
    if (bytes <= free) {
      return;
    }
    int fits = largestBatch(batchSize, free, bytesOf);
    throw new BackendException(
        String.format(
            Locale.ROOT,
            "%s: the run needs %,d bytes (%,d for parameters and optimizer, %,d for %s), and %,d"
                + " are free. %s",
            backend.device(),
            bytes,
            parameterBytes,
            bytes - parameterBytes,
            step,
            free,
            fits == 0
                ? "Not even a batch of one sequence fits: take a smaller model or shorter sequences."
                : "The largest batch that fits has "
                    + fits
                    + (fits == 1 ? " sequence" : " sequences")
                    + advice
                    + "."));
  }

  private static int largestBatch(int batchSize, long free, IntToLongFunction bytesOf) {
    int fits = 0;
    int tooLarge = batchSize;
    while (tooLarge - fits > 1) {
      int middle = fits + (tooLarge - fits) / 2;
      if (bytesOf.applyAsLong(middle) <= free) {
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return fits;
  }
}
