package org.electra4j.kernels;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.kernels.CudaSimulator.Order;

/**
 * Backends on the simulated card. A card has no number of threads; here it stands for the order in
 * which the simulator runs the threads of a kernel, so that the contract tests compare the bits of
 * all orders.
 */
final class SimulatedBackends implements AutoCloseable {
  private final CudaSimulator simulator;
  private final Precision precision;
  private final Map<Integer, Backend> byThreads = new ConcurrentHashMap<>();
  private long seed;

  SimulatedBackends(CudaSimulator simulator, Precision precision) {
    this.simulator = simulator;
    this.precision = precision;
  }

  /** Returns numbers of threads that stand for the reverse and for some random orders. */
  static int[] orders(int random) {
    return IntStream.concat(IntStream.of(1), IntStream.range(3, 3 + random)).toArray();
  }

  /**
   * Returns the backend of a number of threads and sets the order of what runs next: forward for 2,
   * reverse for 1, and a new random order each time for others.
   */
  Backend threads(int threads) {
    switch (threads) {
      case 2 -> simulator.order(Order.FORWARD, 1);
      case 1 -> simulator.order(Order.REVERSE, 1);
      default -> simulator.order(Order.RANDOM, ++seed);
    }
    return byThreads.computeIfAbsent(threads, n -> simulator.open(precision, n));
  }

  @Override
  public void close() {
    byThreads.values().forEach(Backend::close);
    byThreads.clear();
  }
}
