package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract of the CUDA kernels on a simulator. The one that checks every memory access runs one
 * random order beside forward and reverse; the one that only computes runs ten, of larger cases
 * two.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SimulatedContract implements CudaContract {
  private static final long SMALL = 1_000_000;

  private final CudaSimulator simulator;
  private final Precision precision;
  private SimulatedBackends backends;

  SimulatedContract(CudaSimulator simulator, Precision precision) {
    this.simulator = simulator;
    this.precision = precision;
  }

  private boolean isChecked() {
    return simulator == CudaSimulator.CHECKED;
  }

  @BeforeAll
  void open() {
    assertThat(simulator.checks()).as("the kernels are instrumented").isEqualTo(isChecked());
    backends = new SimulatedBackends(simulator, precision);
  }

  @AfterAll
  void close() {
    backends.close();
  }

  @Override
  public Backend backend(int threads) {
    return backends.threads(threads);
  }

  @Override
  public int[] otherThreads(long work) {
    return SimulatedBackends.orders(isChecked() ? 1 : work < SMALL ? 10 : 2);
  }

  @Override
  public int repeats() {
    return isChecked() ? 2 : 10;
  }
}
