package org.electra4j.finetune;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.reference.ReferenceBackend;

class ReferenceJointSpanHeadTest implements JointSpanHeadContract {
  @Override
  public Backend backend(Precision precision) {
    return new ReferenceBackend(precision);
  }
}
