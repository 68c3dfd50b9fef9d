package org.electra4j.kernels;

import org.electra4j.Precision;
import org.junit.jupiter.api.Tag;

/**
 * The CUDA kernels keep the contract in fp32 on the simulator that only computes, and give the same
 * bits in forward, reverse and ten random orders, the larger ones in two.
 */
@Tag("simulator")
@Tag("orders") // by hand; those of bf16 always run
class CudaSimPlainBackendTest extends SimulatedContract {
  CudaSimPlainBackendTest() {
    super(CudaSimulator.PLAIN, Precision.FP32);
  }
}
