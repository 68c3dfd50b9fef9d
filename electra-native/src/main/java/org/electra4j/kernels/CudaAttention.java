package org.electra4j.kernels;

import java.util.Locale;
import org.electra4j.backend.BackendException;

/** Who computes attention on a card. */
enum CudaAttention {
  /** The kernels of this library. */
  OWN,
  /**
   * cuDNN: bf16, without dropout of probabilities, head sizes that are multiples of 8 up to 128.
   */
  CUDNN;

  /** System property: {@code own} or {@code cudnn}. */
  static final String PROPERTY = "electra.cuda.attention";

  /**
   * Returns the engine that the system property names, {@link #OWN} without it.
   *
   * @throws BackendException when it names none
   */
  static CudaAttention chosen() {
    String name = System.getProperty(PROPERTY, "").strip();
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "", "own" -> OWN;
      case "cudnn" -> CUDNN;
      default -> throw new BackendException(PROPERTY + " is own or cudnn, not " + name + ".");
    };
  }
}
