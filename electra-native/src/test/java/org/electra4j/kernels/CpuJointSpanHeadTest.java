package org.electra4j.kernels;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.contract.TestBackends;
import org.electra4j.finetune.JointSpanHeadContract;

/** The joint head for spans on the CPU kernels. */
class CpuJointSpanHeadTest implements JointSpanHeadContract {
  @Override
  public Backend backend(Precision precision) {
    return TestBackends.open("cpu", precision).threads(2); // the caller closes it
  }
}
