package org.electra4j.backend;

/** A step that a device works on while the host goes on; see {@link Backend#beginStep}. */
@FunctionalInterface
public interface QueuedStep {
  /** A step that was done when it ended. */
  QueuedStep DONE = () -> {};

  /**
   * Waits until the step is done and fills the arrays of its downloads.
   *
   * @throws BackendException when a kernel of the step failed
   */
  void await();
}
