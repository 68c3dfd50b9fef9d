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

  /**
   * Ends the step that a backend is in and that failed on the host, so that the backend can be
   * asked again; what that throws is added to the failure.
   */
  static void abandon(Backend backend, Throwable failure) {
    try {
      backend.endStep().await();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
