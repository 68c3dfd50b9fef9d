package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CudaAttentionTest {
  @AfterEach
  void forget() {
    System.clearProperty(CudaAttention.PROPERTY);
  }

  @Test
  void ownKernelsUnlessAskedOtherwise() {
    assertThat(CudaAttention.chosen()).isEqualTo(CudaAttention.OWN);
    System.setProperty(CudaAttention.PROPERTY, " cuDNN");
    assertThat(CudaAttention.chosen()).isEqualTo(CudaAttention.CUDNN);
  }

  @Test
  void anUnknownEngineIsAnError() {
    System.setProperty(CudaAttention.PROPERTY, "flash");
    assertThatThrownBy(CudaAttention::chosen)
        .isInstanceOf(BackendException.class)
        .hasMessage("electra.cuda.attention is own or cudnn, not flash.");
  }

  @Test
  void aMissingLibraryIsASentence() {
    NativeLibraries.loadCuda();
    String cause = CudnnLibrary.open();
    assumeThat(cause).as("this machine has no cuDNN").isNotEmpty();
    assertThat(cause)
        .matches(
            "cuDNN is missing: (these libraries were built without CUDA kernels, because nvcc was not found"
                + "|libcudnn\\.so\\.9 cannot be used: .*)\\. Set electra\\.cuda\\.attention to own, .*");
  }
}
