package org.electra4j.kernels;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.finetune.FinetuningGoldenContract;
import org.electra4j.kernels.CudaSimulator.Order;
import org.junit.jupiter.api.Tag;

/** Fine-tuning steps of every head against transformers on the CUDA kernels, simulated. */
@Tag("simulator")
class CudaSimFinetuningGoldenTest implements FinetuningGoldenContract {
  @Override
  public Backend backend(Precision precision) {
    CudaSimulator.PLAIN.order(Order.FORWARD, 1);
    return CudaSimulator.PLAIN.open(precision, 1); // the caller closes it
  }
}
