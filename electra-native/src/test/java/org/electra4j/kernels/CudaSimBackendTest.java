package org.electra4j.kernels;

import org.electra4j.Precision;
import org.junit.jupiter.api.Tag;

/** The CUDA kernels keep the contract in fp32, on the simulator that checks every memory access. */
@Tag("simulator")
class CudaSimBackendTest extends SimulatedContract {
  CudaSimBackendTest() {
    super(CudaSimulator.CHECKED, Precision.FP32);
  }
}
