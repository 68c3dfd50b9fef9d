package org.electra4j.backend;

/**
 * Stream numbers of {@link Philox}: one for each use of randomness, so that no two uses share bits.
 */
public final class RandomStreams {
  /** Which tokens are masked. */
  public static final int MASK_SELECT = 1;

  /** Which masked tokens show [MASK]. */
  public static final int MASK_KEEP = 2;

  /** Generator samples. */
  public static final int SAMPLE = 3;

  /** Order of the examples. */
  public static final int DATA_ORDER = 4;

  /** Choices while examples are built. */
  public static final int EXAMPLES = 5;

  /** Which documents are held out. */
  public static final int HELD_OUT = 6;

  /**
   * Initial weights: the element is counted over the parameter, the step is the parameter's number.
   */
  public static final int INITIALIZATION = 7;

  /** First stream of the dropout sites; each site of a network has its own number from here on. */
  public static final int DROPOUT = 64;

  private RandomStreams() {}
}
