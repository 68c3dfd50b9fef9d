package org.electra4j.kernels;

import org.electra4j.Precision;
import org.junit.jupiter.api.Tag;

/** The CUDA kernels keep the contract in bf16, on the simulator that checks every memory access. */
@Tag("simulator")
class CudaSimBf16BackendTest extends SimulatedContract {
  CudaSimBf16BackendTest() {
    super(CudaSimulator.CHECKED, Precision.BF16);
  }
}
