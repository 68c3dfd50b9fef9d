package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The CUDA kernels keep the contract in fp32 on the simulator that only computes, and give the same
 * bits in forward, reverse and ten random orders, the larger ones in two.
 */
@Tag("simulator")
@Tag("orders") // by hand; those of bf16 always run
class CudaSimPlainBackendTest implements CudaContract {
  private static final long SMALL = 1_000_000;

  private static SimulatedBackends backends;

  @BeforeAll
  static void open() {
    assertThat(CudaSimulator.PLAIN.checks()).as("the kernels are instrumented").isFalse();
    backends = new SimulatedBackends(CudaSimulator.PLAIN, Precision.FP32);
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
    return SimulatedBackends.orders(work < SMALL ? 10 : 2);
  }

  @Override
  public int repeats() {
    return 10;
  }
}
