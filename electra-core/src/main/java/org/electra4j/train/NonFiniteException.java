package org.electra4j.train;

/**
 * Losses or gradients were not finite several steps in a row; the message names the last good
 * state.
 */
public final class NonFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence that names the step and what was not finite. */
  public NonFiniteException(String message) {
    super(message);
  }
}
