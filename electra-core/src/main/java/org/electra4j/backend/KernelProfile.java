package org.electra4j.backend;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Where the time of steps went. {@link #toString} is a table of one step, the costliest kernel
 * first; on a device that launches kernels it also counts launches and bytes.
 *
 * @param steps number of steps
 * @param seconds wall time of all steps
 * @param kernels sums over all steps of each kernel that was called
 */
public record KernelProfile(long steps, double seconds, List<Kernel> kernels) {

  /**
   * All calls of one method of {@link Backend}.
   *
   * @param name of the method
   * @param calls number of calls
   * @param launches kernels, copies and fills that the calls launched; 0 where nothing is launched
   * @param seconds time in it, device included
   * @param flops as {@link KernelCost} counts them
   * @param bytes as {@link KernelCost} counts them
   */
  public record Kernel(
      String name, long calls, long launches, double seconds, double flops, double bytes) {
    /** Returns the rate of products, 0 for kernels without. */
    public double gigaflopsPerSecond() {
      return seconds == 0 ? 0 : flops / seconds * 1e-9;
    }

    /** Returns the rate of memory traffic. */
    public double gigabytesPerSecond() {
      return seconds == 0 ? 0 : bytes / seconds * 1e-9;
    }
  }

  /** Sorts the kernels, the costliest first. */
  public KernelProfile {
    kernels =
        kernels.stream().sorted(Comparator.comparingDouble(Kernel::seconds).reversed()).toList();
  }

  /** Returns the time that no kernel accounts for: data, Java between the calls, reports. */
  public double secondsOutsideKernels() {
    return seconds - kernels.stream().mapToDouble(Kernel::seconds).sum();
  }

  /** Returns the launches of all kernels. */
  public long launches() {
    return kernels.stream().mapToLong(Kernel::launches).sum();
  }

  /** Returns the bytes of all kernels. */
  public double bytes() {
    return kernels.stream().mapToDouble(Kernel::bytes).sum();
  }

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    table.append(
        line("kernel", "calls/step", "ms/step", "share", "GFLOP/s", "GB/s", "launches", "MB/step"));
    for (Kernel kernel : kernels) {
      table.append(
          line(
              kernel.name(),
              perStep(kernel.calls(), 1),
              perStep(kernel.seconds() * 1e3, 3),
              share(kernel.seconds()),
              rate(kernel.gigaflopsPerSecond()),
              rate(kernel.gigabytesPerSecond()),
              perStep(kernel.launches(), 1),
              perStep(kernel.bytes() * 1e-6, 1)));
    }
    double outside = secondsOutsideKernels();
    table.append(
        line("outside kernels", "", perStep(outside * 1e3, 3), share(outside), "", "", "", ""));
    double flops = kernels.stream().mapToDouble(Kernel::flops).sum();
    table.append(
        line(
            "step",
            "",
            perStep(seconds * 1e3, 3),
            share(seconds),
            rate(flops / seconds * 1e-9),
            "",
            perStep(launches(), 1),
            perStep(bytes() * 1e-6, 1)));
    return table.toString();
  }

  private String line(
      String name,
      String calls,
      String time,
      String share,
      String gigaflops,
      String gigabytes,
      String launches,
      String megabytes) {
    String common =
        String.format(
            Locale.ROOT, "%-22s%12s%10s%8s%10s%8s", name, calls, time, share, gigaflops, gigabytes);
    return launches() == 0
        ? String.format("%s%n", common)
        : String.format(Locale.ROOT, "%s%10s%10s%n", common, launches, megabytes);
  }

  private String perStep(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value / steps);
  }

  private String share(double time) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * time / seconds);
  }

  private static String rate(double value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }
}
