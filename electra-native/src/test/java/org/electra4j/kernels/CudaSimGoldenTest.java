package org.electra4j.kernels;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.kernels.CudaSimulator.Order;
import org.electra4j.model.GoldenContract;
import org.junit.jupiter.api.Tag;

/** Whole-model parity with transformers on the CUDA kernels, simulated. */
@Tag("simulator")
class CudaSimGoldenTest implements GoldenContract {
  @Override
  public Backend backend(Precision precision) {
    CudaSimulator.PLAIN.order(Order.FORWARD, 1);
    return CudaSimulator.PLAIN.open(precision, 1); // the caller closes it
  }
}
