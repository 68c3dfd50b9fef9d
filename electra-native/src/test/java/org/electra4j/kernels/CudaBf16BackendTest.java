package org.electra4j.kernels;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.contract.TestBackends;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The CUDA kernels keep the contract in bf16 on a card. */
class CudaBf16BackendTest implements CudaContract {
  private static TestBackends backends;

  @BeforeAll
  static void open() {
    backends = TestBackends.open("cuda", Precision.BF16);
  }

  @AfterAll
  static void close() {
    if (backends != null) { // null where the class is skipped
      backends.close();
    }
  }

  @Override
  public Backend backend(int threads) {
    return backends.threads(threads);
  }
}
