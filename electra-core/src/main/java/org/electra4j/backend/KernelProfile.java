package org.electra4j.backend;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Where the time of steps went. {@link #toString} is a table of one step, the costliest kernel
 * first.
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
   * @param seconds time in it, device included
   * @param flops as {@link KernelCost} counts them
   * @param bytes as {@link KernelCost} counts them
   */
  public record Kernel(String name, long calls, double seconds, double flops, double bytes) {
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

  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "%-22s%12s%10s%8s%10s%8s%n",
            "kernel",
            "calls/step",
            "ms/step",
            "share",
            "GFLOP/s",
            "GB/s"));
    for (Kernel kernel : kernels) {
      table.append(
          line(
              kernel.name(),
              String.format(Locale.ROOT, "%.1f", (double) kernel.calls() / steps),
              kernel.seconds(),
              rate(kernel.gigaflopsPerSecond()),
              rate(kernel.gigabytesPerSecond())));
    }
    double flops = kernels.stream().mapToDouble(Kernel::flops).sum();
    table.append(line("outside kernels", "", secondsOutsideKernels(), "", ""));
    table.append(line("step", "", seconds, rate(flops / seconds * 1e-9), ""));
    return table.toString();
  }

  private String line(String name, String calls, double time, String gigaflops, String gigabytes) {
    return String.format(
        Locale.ROOT,
        "%-22s%12s%10.3f%7.1f%%%10s%8s%n",
        name,
        calls,
        time / steps * 1e3,
        100 * time / seconds,
        gigaflops,
        gigabytes);
  }

  private static String rate(double value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }
}
