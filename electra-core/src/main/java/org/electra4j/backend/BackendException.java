package org.electra4j.backend;

/** A kernel, an allocation or a device failed. */
public class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence that names operation and cause. */
  public BackendException(String message) {
    super(message);
  }

  /** Creates the exception with a sentence and what was caught. */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
