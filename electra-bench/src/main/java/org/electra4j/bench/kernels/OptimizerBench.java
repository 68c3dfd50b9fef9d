package org.electra4j.bench.kernels;

import org.electra4j.model.ElectraModel;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.openjdk.jmh.annotations.Benchmark;

/** Gradient norm and AdamW over all parameters of an encoder. */
public class OptimizerBench extends KernelBench {
  private ParameterStore store;
  private AdamW optimizer;

  @Override
  void allocate() {
    store = new ParameterStore(backend);
    new ElectraModel(store, "electra.", model);
    store.allocate(true);
    optimizer = new AdamW(store, AdamW.Options.electra());
    optimizer.gradientNorm();
  }

  @Override
  void free() {
    optimizer.close();
    store.close();
  }

  /** Reads the gradients: {@code 4 n} bytes. */
  @Benchmark
  public double squaredNorm(MemoryRates rates) {
    double norm = optimizer.gradientNorm();
    count(rates, 4.0 * store.elements());
    return norm;
  }

  /**
   * Reads and writes weights, both moments and gradients, and writes the working copy in bf16:
   * {@code 34 n} bytes, 32 n in fp32, where weights are their own working copy.
   */
  @Benchmark
  public void adamW(MemoryRates rates) {
    optimizer.update(1e-4, nextStep());
    boolean copies = store.workingAddress() != store.address(ParameterStore.Slot.MASTER);
    count(rates, (copies ? 34.0 : 32.0) * store.elements());
  }
}
