package org.electra4j.backend.contract;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;

/** The backend under test. */
public interface ContractTest {
  /** The number of threads that most tests run with. */
  int MOST_TESTS = 2;

  /** Returns a shared backend with a number of threads; whoever implements this closes it. */
  Backend backend(int threads);

  /**
   * Returns the numbers of threads of further runs of a case, whose bits have to be those of the
   * first; the number of {@link #backend()} repeats that run.
   *
   * @param work about how many operations a run takes: elements of all arrays times terms of a sum
   */
  default int[] otherThreads(long work) {
    return new int[] {MOST_TESTS, 1, 3};
  }

  /** Returns how often a case runs that is about equal bits only. */
  default int repeats() {
    return 20;
  }

  /** Returns the backend that most tests run on. */
  default Backend backend() {
    return backend(MOST_TESTS);
  }

  /** Returns whether activations are bf16. */
  default boolean isBf16() {
    return backend().precision() == Precision.BF16;
  }
}
