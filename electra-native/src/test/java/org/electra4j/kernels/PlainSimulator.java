package org.electra4j.kernels;

/**
 * The plain flavour: a class of its own, because native methods belong to the class of their
 * library.
 */
final class PlainSimulator extends CudaSimulator {
  static {
    load("plain");
  }

  @Override
  native long create(boolean bf16, int threads, boolean graphs);

  @Override
  native void defer(boolean on);

  @Override
  native void staleGraphs(boolean on);

  @Override
  native void capacity(long bytes);

  @Override
  native long[] graphs();

  @Override
  native long allocations();

  @Override
  native long allocatedBytes();

  @Override
  native void order(int order, long seed, int preempt);

  @Override
  native void recordSites(boolean on);

  @Override
  native String[] takeSites();

  @Override
  native void fault(int fault, String file, int line);

  @Override
  native boolean checks();
}
