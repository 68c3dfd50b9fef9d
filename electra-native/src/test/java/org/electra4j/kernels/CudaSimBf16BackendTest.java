package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The CUDA kernels keep the contract in bf16, on the simulator that checks every memory access. */
@Tag("simulator")
class CudaSimBf16BackendTest implements CudaContract {
  private static SimulatedBackends backends;

  @BeforeAll
  static void open() {
    assertThat(CudaSimulator.CHECKED.checks()).as("the kernels are instrumented").isTrue();
    backends = new SimulatedBackends(CudaSimulator.CHECKED, Precision.BF16);
  }

  @AfterAll
  static void close() {
    backends.close();
  }

  @Override
  public Backend backend(int threads) {
    return backends.threads(threads);
  }

  @Override
  public int[] otherThreads(long work) {
    return SimulatedBackends.orders(1);
  }

  @Override
  public int repeats() {
    return 2;
  }
}
