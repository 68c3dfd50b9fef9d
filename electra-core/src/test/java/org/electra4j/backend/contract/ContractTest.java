package org.electra4j.backend.contract;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;

/** The backend under test. */
public interface ContractTest {
  /** Returns a shared backend with a number of threads; whoever implements this closes it. */
  Backend backend(int threads);

  /** Returns the backend that most tests run on. */
  default Backend backend() {
    return backend(2);
  }

  /** Returns whether activations are bf16. */
  default boolean isBf16() {
    return backend().precision() == Precision.BF16;
  }
}
