package org.electra4j.kernels;

import java.util.List;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.BackendProvider;

/**
 * Provides the CPU kernels: AVX2, AVX-512, AVX-512 VNNI or AVX-512 BF16, whatever the processor
 * has.
 */
public final class CpuBackendProvider implements BackendProvider {

  @Override
  public String kind() {
    return "cpu";
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public String unavailabilityCause() {
    try {
      NativeLibraries.loadCpu();
      return CpuLibrary.cpu_unavailability_cause().getString();
    } catch (RuntimeException | LinkageError e) {
      return NativeLibraries.causes(e);
    }
  }

  @Override
  public boolean supportsBf16() {
    try {
      NativeLibraries.loadCpu();
      return CpuLibrary.cpu_supports_bf16();
    } catch (RuntimeException | LinkageError e) {
      return false; // unavailabilityCause says why
    }
  }

  /** Returns whether there is bf16 at all: the kernels multiply it by what is faster than fp32. */
  @Override
  public boolean fastBf16() {
    return supportsBf16();
  }

  @Override
  public Backend create(int device, Precision precision, int threads) {
    if (device != 0) {
      throw new BackendException("there is one cpu device, cpu; cpu:" + device + " does not exist");
    }
    NativeLibraries.loadCpu();
    if (precision == Precision.BF16 && CpuLibrary.cpu_needs_onednn()) {
      NativeLibraries.loadOneDnn();
    }
    try {
      return new NativeBackend(
          CpuLibrary.create_cpu_kernels(threads, precision == Precision.BF16), precision, "cpu");
    } catch (RuntimeException e) {
      throw new BackendException("cpu: " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> diagnostics() {
    String cause = unavailabilityCause();
    String location = NativeLibraries.cpuLocation();
    if (location == null) {
      return List.of("cpu: " + cause);
    }
    return List.of(
        cause.isEmpty()
            ? "cpu instruction set: " + CpuLibrary.cpu_instruction_set().getString()
            : "cpu: " + cause,
        "cpu bf16: " + bf16(),
        "cpu library: " + location);
  }

  private String bf16() {
    return supportsBf16()
        ? "products by " + CpuLibrary.cpu_bf16_products().getString()
        : "no (needs AVX512_VNNI)";
  }
}
