package org.electra4j.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the operating system says this process has in memory; Linux tells, other systems do not. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long KIB = 1024;

  /**
   * What a process takes in its first steps beside the tensors: pages of the matrix library,
   * scratch of the kernels, compiled code, garbage between two collections.
   */
  private static final long BESIDE_TENSORS = 128 << 20;

  private ProcessMemory() {}

  /** Returns the bytes this process has in memory at the moment, empty where nobody tells. */
  public static OptionalLong resident() {
    return read(STATUS, "VmRSS:");
  }

  /** Returns the most bytes this process has had in memory, empty where nobody tells. */
  public static OptionalLong peakResident() {
    return read(STATUS, "VmHWM:");
  }

  /**
   * Returns the bytes that a process with so many at the moment will have at most, once it has made
   * tensors and taken steps; empty where nobody tells.
   *
   * @param resident {@link #resident} before the tensors are made
   * @param tensorBytes of parameters, optimizer and the largest step in main memory
   */
  public static OptionalLong expectedPeak(OptionalLong resident, long tensorBytes) {
    return resident.isPresent()
        ? OptionalLong.of(resident.getAsLong() + tensorBytes + BESIDE_TENSORS)
        : resident;
  }

  static OptionalLong read(Path status, String field) {
    try {
      for (String line : Files.readAllLines(status, StandardCharsets.UTF_8)) {
        if (line.startsWith(field)) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) * KIB);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
