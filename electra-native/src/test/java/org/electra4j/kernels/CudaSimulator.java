package org.electra4j.kernels;

import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;

/**
 * The CUDA kernels compiled as plain C++: each thread of a block is a fiber, and the order in which
 * they run is ours to choose.
 */
abstract class CudaSimulator {
  /**
   * The flavour whose library watches every memory access: races, bounds, reads of what was never
   * written.
   */
  static final CudaSimulator CHECKED = new CheckedSimulator();

  /** The flavour that only computes. */
  static final CudaSimulator PLAIN = new PlainSimulator();

  private static final int ACCESSES_PER_SWITCH = 64;

  /** In which order the threads and blocks of a kernel run. */
  enum Order {
    FORWARD,
    REVERSE,
    RANDOM
  }

  /** A pointer at a given address. */
  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }

  static void load(String flavour) {
    NativeLibraries.loadCpu();
    Path folder = Path.of(System.getProperty("electra.cudasim.path", "target/cudasim"));
    System.load(
        folder.resolve("libelectra_cudasim_" + flavour + ".so").toAbsolutePath().toString());
  }

  abstract long create(boolean bf16, int threads, boolean graphs);

  /** Lets work of a stream wait from now on until somebody waits for it, or run at once. */
  abstract void defer(boolean on);

  /** Lets updated graphs keep the arguments that their kernels had, by mistake, or not. */
  abstract void staleGraphs(boolean on);

  /** Sets the memory of the card, 0 for as much as there is. */
  abstract void capacity(long bytes);

  /** Returns how many graphs were made, updated and launched so far. */
  abstract long[] graphs();

  /** Returns how many times memory of the card was allocated so far. */
  abstract long allocations();

  /** Returns the bytes of the card's memory that are allocated now. */
  abstract long allocatedBytes();

  abstract void order(int order, long seed, int preempt);

  /** Notes from now on where {@link #fault} could strike, or no longer. */
  abstract void recordSites(boolean on);

  /** Returns the noted sites as {@code fault:file:line:name}, and forgets them. */
  abstract String[] takeSites();

  /** Makes a line of a kernel misbehave from now on; fault 0: none. */
  abstract void fault(int fault, String file, int line);

  /** Returns whether the kernels are instrumented. */
  abstract boolean checks();

  /**
   * Sets the order of everything that runs from now on in this library. A random order also changes
   * threads between two accesses to memory where those are watched, one time in {@value
   * #ACCESSES_PER_SWITCH}.
   */
  final void order(Order order, long seed) {
    order(order.ordinal(), seed, order == Order.RANDOM && checks() ? ACCESSES_PER_SWITCH : 0);
  }

  /** Returns a backend on the simulated card that reports a number of threads. */
  final Backend open(Precision precision, int threads) {
    boolean graphs = CudaBackendProvider.graphs();
    Kernels kernels =
        new Kernels(new Address(create(precision == Precision.BF16, threads, graphs)));
    return new NativeBackend(kernels, precision, "cuda:0");
  }
}
