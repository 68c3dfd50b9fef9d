package org.electra4j.model;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.reference.ReferenceBackend;

class ReferenceGoldenTest implements GoldenContract {
  @Override
  public Backend backend(Precision precision) {
    return new ReferenceBackend(precision);
  }
}
