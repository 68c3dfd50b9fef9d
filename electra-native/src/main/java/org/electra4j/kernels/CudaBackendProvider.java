package org.electra4j.kernels;

import java.util.ArrayList;
import java.util.List;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.BackendProvider;

/** Provides the CUDA kernels: for NVIDIA cards of compute capability 8.0 and newer. */
public final class CudaBackendProvider implements BackendProvider {
  /**
   * The system property that says whether training steps are launched as CUDA graphs: {@code true},
   * the default, or {@code false}.
   */
  public static final String GRAPH_PROPERTY = "electra.cuda.graph";

  /** Returns what the property says. */
  static boolean graphs() {
    String value = System.getProperty(GRAPH_PROPERTY, "true");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "System property " + GRAPH_PROPERTY + " is true or false, not '" + value + "'.");
    };
  }

  @Override
  public String kind() {
    return "cuda";
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public String unavailabilityCause() {
    try {
      NativeLibraries.loadCuda();
      String cause = CudaLibrary.cuda_unavailability_cause().getString();
      return cause.isEmpty() ? CublasLibrary.open() : cause;
    } catch (RuntimeException | LinkageError e) {
      return NativeLibraries.causes(e);
    }
  }

  @Override
  public boolean supportsBf16() {
    return unavailabilityCause().isEmpty();
  }

  @Override
  public boolean fastBf16() {
    return unavailabilityCause().isEmpty();
  }

  @Override
  public Backend create(int device, Precision precision, int threads) {
    String name = "cuda:" + device;
    String cause = unavailabilityCause();
    if (!cause.isEmpty()) {
      throw new BackendException(name + ": " + cause);
    }
    boolean cudnn = CudaAttention.chosen() == CudaAttention.CUDNN;
    String missing = cudnn ? CudnnLibrary.open() : "";
    if (!missing.isEmpty()) {
      throw new BackendException(name + ": " + missing);
    }
    try {
      return new NativeBackend(
          CudaLibrary.create_cuda_kernels(device, precision == Precision.BF16, graphs(), cudnn),
          precision,
          name);
    } catch (RuntimeException e) {
      throw new BackendException(name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> diagnostics() {
    String location = NativeLibraries.cudaLocation();
    if (location == null) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < CudaLibrary.cuda_device_count(); i++) {
      lines.add("cuda:" + i + ": " + CudaLibrary.cuda_device_description(i).getString());
    }
    String architectures = CudaLibrary.cuda_architectures().getString();
    lines.add("cuda kernels: " + (architectures.isEmpty() ? "not built" : architectures));
    lines.add("cuda library: " + location);
    return lines;
  }
}
