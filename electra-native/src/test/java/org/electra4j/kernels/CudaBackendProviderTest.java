package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.electra4j.Precision;
import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.Test;

class CudaBackendProviderTest {
  private final CudaBackendProvider provider = new CudaBackendProvider();

  @Test
  void saysWhyThereIsNoCard() {
    String cause = provider.unavailabilityCause();
    assumeThat(cause).as("this machine has no card").isNotEmpty();
    assertThat(cause)
        .matches(
            "no NVIDIA driver: libcuda.so.1 was not found"
                + "|the NVIDIA driver (is too old|shows no card|does not answer).*"
                + "|these libraries were built without CUDA kernels, because nvcc was not found"
                + "|cuBLASLt is missing: .*");
    assertThat(provider.fastBf16()).isFalse();
    assertThatThrownBy(() -> provider.create(0, Precision.FP32, 1))
        .isInstanceOf(BackendException.class)
        .hasMessage("cuda:0: " + cause);
  }

  @Test
  void saysWhatItWasBuiltFor() {
    assertThat(provider.unavailabilityCause()).isNotNull();
    assertThat(provider.diagnostics())
        .anyMatch(line -> line.matches("cuda kernels: (not built|sm_80, sm_90, PTX 9\\.0)"))
        .anyMatch(line -> line.startsWith("cuda library: /"));
  }
}
