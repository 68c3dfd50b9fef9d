package org.electra4j.backend.reference;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.contract.BackendContract;
import org.electra4j.backend.contract.TestBackends;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The reference keeps its own contract in bf16. */
class ReferenceBf16BackendTest implements BackendContract {
  private static TestBackends backends;

  @BeforeAll
  static void open() {
    backends = TestBackends.open("reference", Precision.BF16);
  }

  @AfterAll
  static void close() {
    backends.close();
  }

  @Override
  public Backend backend(int threads) {
    return backends.threads(threads);
  }
}
