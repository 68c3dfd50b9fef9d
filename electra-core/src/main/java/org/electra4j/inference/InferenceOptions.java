package org.electra4j.inference;

import java.util.Objects;
import org.electra4j.Device;
import org.electra4j.Precision;

/**
 * How a model is served.
 *
 * @param device where it runs
 * @param precision number formats
 * @param threads worker threads of the device, at least 1
 * @param maxBatchTokens most tokens that are computed at once, at least 1; several texts are packed
 *     into batches of this size, and a single longer text is a batch of its own
 */
public record InferenceOptions(
    Device device, Precision precision, int threads, int maxBatchTokens) {

  private static final int DEFAULT_BATCH_TOKENS = 4096;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException when {@code threads} or {@code maxBatchTokens} is below 1
   */
  public InferenceOptions {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(precision, "precision");
    requirePositive("threads", threads);
    requirePositive("maxBatchTokens", maxBatchTokens);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value + ".");
    }
  }

  /**
   * Returns the best device and precision there is, as many threads as the JVM reports processors,
   * and batches of 4,096 tokens.
   */
  public static InferenceOptions defaults() {
    return new InferenceOptions(
        Device.AUTO,
        Precision.AUTO,
        Runtime.getRuntime().availableProcessors(),
        DEFAULT_BATCH_TOKENS);
  }

  /** Returns a copy with another {@link #device}. */
  public InferenceOptions withDevice(Device value) {
    return new InferenceOptions(value, precision, threads, maxBatchTokens);
  }

  /** Returns a copy with another {@link #precision}. */
  public InferenceOptions withPrecision(Precision value) {
    return new InferenceOptions(device, value, threads, maxBatchTokens);
  }

  /** Returns a copy with another number of {@link #threads}. */
  public InferenceOptions withThreads(int value) {
    return new InferenceOptions(device, precision, value, maxBatchTokens);
  }

  /** Returns a copy with another {@link #maxBatchTokens}. */
  public InferenceOptions withMaxBatchTokens(int value) {
    return new InferenceOptions(device, precision, threads, value);
  }
}
