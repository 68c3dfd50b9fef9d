package org.electra4j.kernels;

/**
 * The checked flavour: a class of its own, because native methods belong to the class of their
 * library.
 */
final class CheckedSimulator extends CudaSimulator {
  static {
    load("checked");
  }

  @Override
  native long create(boolean bf16, int threads);

  @Override
  native void order(int order, long seed, int preempt);

  @Override
  native boolean checks();
}
