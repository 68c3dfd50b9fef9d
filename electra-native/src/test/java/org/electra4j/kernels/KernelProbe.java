package org.electra4j.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;

/**
 * A program of its own, because a process loads the kernels once: prints where they came from and a
 * product, and whether oneDNN is loaded.
 */
final class KernelProbe {
  private KernelProbe() {}

  public static void main(String[] arguments) throws IOException {
    CpuBackendProvider provider = new CpuBackendProvider();
    System.out.println("cause=" + provider.unavailabilityCause());
    System.out.println("bf16=" + provider.supportsBf16());
    provider.diagnostics().forEach(System.out::println);
    if (provider.supportsBf16()) {
      try (Backend backend =
          new NativeBackend(CpuLibrary.create_cpu_kernels(1, true), Precision.BF16, "cpu")) {
        System.out.println("nothing loaded=" + product(backend));
      } catch (BackendException e) {
        System.out.println("nothing loaded: " + e.getMessage());
      }
    }
    for (Precision precision : new Precision[] {Precision.FP32, Precision.BF16}) {
      try (Backend backend = provider.create(0, precision, 2)) {
        System.out.println(precision + "=" + product(backend) + " on " + backend.description());
      } catch (BackendException e) {
        System.out.println(precision + " failed: " + e.getMessage());
      }
      boolean oneDnn = Files.readString(Path.of("/proc/self/maps")).contains("/libdnnl.so");
      System.out.println(precision + " with oneDNN=" + oneDnn);
    }
  }

  /** Returns 2 x 3 + 1, through the kernels. */
  static float product(Backend backend) {
    long memory = backend.alloc(256);
    long f32 = memory + 192;
    float[] value = new float[1];
    for (int i = 0; i < 2; i++) {
      backend.upload(f32, new float[] {2 + i}, 0, 1);
      backend.toActivation(memory + 64L * i, f32, 1);
    }
    backend.upload(f32, new float[] {1}, 0, 1);
    backend.gemmForward(memory + 128, 0, memory, memory + 64, f32, 1, 1, 1, false);
    backend.fromActivation(f32, memory + 128, 1);
    backend.download(f32, value, 0, 1);
    backend.release(memory);
    return value[0];
  }
}
