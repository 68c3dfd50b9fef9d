package org.electra4j.backend.reference;

import java.util.List;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.BackendProvider;

/** Makes {@link ReferenceBackend}s; available everywhere, chosen only by name. */
public final class ReferenceBackendProvider implements BackendProvider {
  @Override
  public String kind() {
    return "reference";
  }

  @Override
  public int rank() {
    return -1;
  }

  @Override
  public String unavailabilityCause() {
    return "";
  }

  @Override
  public boolean supportsBf16() {
    return true;
  }

  @Override
  public boolean fastBf16() {
    return false;
  }

  @Override
  public Backend create(int device, Precision precision, int threads) {
    if (device != 0) {
      throw new BackendException(
          "There is one reference device, number 0; number " + device + " does not exist.");
    }
    return new ReferenceBackend(precision);
  }

  @Override
  public List<String> diagnostics() {
    return List.of("plain Java, for tests");
  }
}
