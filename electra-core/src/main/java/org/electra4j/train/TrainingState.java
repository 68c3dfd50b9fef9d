package org.electra4j.train;

/**
 * Where a run is. With the configuration it says everything: data order, masks, dropout and samples
 * are functions of the seed and the step.
 *
 * @param step optimizer steps taken, skipped ones included; the next batch is {@code step *
 *     gradientAccumulation}
 * @param updates optimizer steps that changed the parameters
 * @param tokens real tokens seen
 */
public record TrainingState(long step, long updates, long tokens) {

  /** Returns the state of a run that has not begun. */
  public static TrainingState initial() {
    return new TrainingState(0, 0, 0);
  }

  TrainingState after(boolean updated, long moreTokens) {
    return new TrainingState(step + 1, updates + (updated ? 1 : 0), tokens + moreTokens);
  }
}
