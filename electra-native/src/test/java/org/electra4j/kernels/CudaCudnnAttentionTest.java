package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.contract.AttentionWithoutDropoutContract;
import org.electra4j.backend.contract.TestBackends;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Attention by cuDNN keeps the contract on a card, as far as it goes, and refuses the rest. */
class CudaCudnnAttentionTest implements AttentionWithoutDropoutContract {
  private static TestBackends backends;

  @BeforeAll
  static void open() {
    System.setProperty(CudaAttention.PROPERTY, "cudnn");
    backends = TestBackends.open("cuda", Precision.BF16);
  }

  @AfterAll
  static void close() {
    System.clearProperty(CudaAttention.PROPERTY);
    if (backends != null) { // null where the class is skipped
      backends.close();
    }
  }

  @Override
  public Backend backend(int threads) {
    return backends.threads(threads);
  }

  @Test
  void saysThatItTakesPart() {
    assertThat(backend().description()).contains("cuDNN");
  }

  @Test
  void refusesDropoutAndOddHeads() {
    Backend backend = backend();
    long memory = backend.alloc(4096);
    assertThatThrownBy(
            () ->
                backend.attentionForward(
                    memory, 0, memory, memory, 1, 1, 1, 8, 1, 0.1f, 8, 1, 1, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("electra.cuda.attention to own");
    assertThatThrownBy(
            () -> backend.attentionForward(memory, 0, memory, memory, 1, 1, 1, 7, 1, 0, 8, 1, 1, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("multiples of 8");
    backend.release(memory);
  }

  @Test
  void refusesFp32() {
    assertThatThrownBy(() -> new CudaBackendProvider().create(0, Precision.FP32, 1))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("bf16");
  }
}
