package org.electra4j.examples;

import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.inference.InferenceOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where and how is computed. */
final class EngineOptions {
  @Mixin ThreadOptions threads = new ThreadOptions();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, cuda[:i] or reference (default: auto).")
  Device device = Device.AUTO;

  @Option(
      names = "--precision",
      paramLabel = "FORMAT",
      description = "auto, fp32 or bf16 (default: auto).")
  Precision precision = Precision.AUTO;

  InferenceOptions inference() {
    return InferenceOptions.defaults()
        .withDevice(device)
        .withPrecision(precision)
        .withThreads(threads.threads);
  }
}
