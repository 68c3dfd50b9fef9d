package org.electra4j.kernels;

import org.electra4j.Precision;
import org.junit.jupiter.api.Tag;

/**
 * The CUDA kernels keep the contract in bf16 on the simulator that only computes, and give the same
 * bits in forward, reverse and ten random orders, the larger ones in two.
 */
@Tag("simulator")
class CudaSimPlainBf16BackendTest extends SimulatedContract {
  CudaSimPlainBf16BackendTest() {
    super(CudaSimulator.PLAIN, Precision.BF16);
  }
}
