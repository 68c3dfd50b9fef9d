package org.electra4j.train;

import java.util.List;

/** Where progress is shown. */
public interface ProgressDisplay {
  /**
   * Shows how far a piece of work is.
   *
   * @param task what is done, for display
   * @param total all of it, or -1 when unknown
   * @param fields what else to show, the most important first
   */
  void show(String task, long done, long total, List<String> fields);

  /** Leaves a line that stays. */
  void line(String text);

  /** Ends the work that was shown. */
  void finish();

  /** Returns whether lines are all that is shown, rather than something that moves. */
  boolean isLines();
}
