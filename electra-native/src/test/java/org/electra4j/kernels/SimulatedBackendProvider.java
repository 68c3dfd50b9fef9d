package org.electra4j.kernels;

import java.util.List;
import java.util.function.UnaryOperator;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendProvider;

/**
 * Puts a simulator where {@code Device.cuda(0)} is looked for, while a test has it so: whole runs
 * then take it for a card.
 */
public final class SimulatedBackendProvider implements BackendProvider {
  private static volatile CudaSimulator simulator;
  private static volatile UnaryOperator<Backend> wrapping = UnaryOperator.identity();

  /** What a test does while the simulator is the card. */
  @FunctionalInterface
  interface Body<T, E extends Exception> {
    T run() throws E;
  }

  /** Runs a body with a simulator as {@code cuda:0}. */
  static <T, E extends Exception> T with(CudaSimulator card, Body<T, E> body) throws E {
    return with(card, UnaryOperator.identity(), body);
  }

  /** Runs a body with a simulator as {@code cuda:0}, whose backends are wrapped. */
  static <T, E extends Exception> T with(
      CudaSimulator card, UnaryOperator<Backend> wrapper, Body<T, E> body) throws E {
    simulator = card;
    wrapping = wrapper;
    try {
      return body.run();
    } finally {
      simulator = null;
      wrapping = UnaryOperator.identity();
    }
  }

  @Override
  public String kind() {
    return simulator == null ? "simulator" : "cuda";
  }

  @Override
  public int rank() {
    return -1;
  }

  @Override
  public String unavailabilityCause() {
    return simulator == null ? "no test uses it" : "";
  }

  @Override
  public boolean supportsBf16() {
    return simulator != null;
  }

  @Override
  public boolean fastBf16() {
    return simulator != null;
  }

  @Override
  public Backend create(int device, Precision precision, int threads) {
    return wrapping.apply(simulator.open(precision, threads));
  }

  @Override
  public List<String> diagnostics() {
    return List.of();
  }
}
