package org.electra4j;

import java.util.Locale;

/**
 * A place to compute: {@code auto}, {@code cpu}, {@code cuda[:i]} or {@code reference}.
 *
 * <p>{@link #AUTO} takes the best device that is available, unless the system property {@value
 * #PROPERTY} names another. A device that is named and missing is an error, never a fallback.
 *
 * @param kind {@code auto}, {@code cpu}, {@code cuda} or {@code reference}
 * @param index number of the device, 0 where there is only one
 */
public record Device(String kind, int index) {
  /** The system property that replaces {@link #AUTO}. */
  public static final String PROPERTY = "electra.device";

  /** The best device that is available. */
  public static final Device AUTO = new Device("auto", 0);

  /** The processor. */
  public static final Device CPU = new Device("cpu", 0);

  /** Plain Java loops, for tests: slow, and used only when named. */
  public static final Device REFERENCE = new Device("reference", 0);

  /** Checks the kind and the index. */
  public Device {
    switch (kind) {
      case "cuda" -> {
        if (index < 0) {
          throw new IllegalArgumentException(
              "A CUDA device has a number from 0 on, not " + index + ".");
        }
      }
      case "auto", "cpu", "reference" -> {
        if (index != 0) {
          throw new IllegalArgumentException(
              "Device " + kind + " has no number, got " + index + ".");
        }
      }
      default -> throw new IllegalArgumentException(unknown(kind));
    }
  }

  /** Returns a CUDA device by its number. */
  public static Device cuda(int index) {
    return new Device("cuda", index);
  }

  /**
   * Returns the device of a spelling, in any case; {@code cuda} is {@code cuda:0}.
   *
   * @throws IllegalArgumentException when it is none of {@code auto}, {@code cpu}, {@code cuda},
   *     {@code cuda:i}, {@code reference}
   */
  public static Device parse(String text) {
    String spelling = text.strip().toLowerCase(Locale.ROOT);
    if (spelling.matches("cuda:\\d{1,4}")) {
      return cuda(Integer.parseInt(spelling.substring(5)));
    }
    return switch (spelling) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "cuda" -> cuda(0);
      case "reference" -> REFERENCE;
      default -> throw new IllegalArgumentException(unknown(text));
    };
  }

  /**
   * Returns this device, or for {@link #AUTO} the one that the system property {@value #PROPERTY}
   * names.
   *
   * @throws IllegalArgumentException when the property names no device
   */
  public Device resolve() {
    String property = System.getProperty(PROPERTY);
    if (!equals(AUTO) || property == null || property.isBlank()) {
      return this;
    }
    try {
      return parse(property);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("System property " + PROPERTY + ": " + e.getMessage(), e);
    }
  }

  private static String unknown(String text) {
    return "Device '" + text + "' is unknown; use auto, cpu, cuda, cuda:i or reference.";
  }

  /** Returns the spelling that {@link #parse} reads, with the number for CUDA. */
  @Override
  public String toString() {
    return kind.equals("cuda") ? "cuda:" + index : kind;
  }
}
