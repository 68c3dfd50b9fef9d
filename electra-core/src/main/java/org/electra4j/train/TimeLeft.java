package org.electra4j.train;

import java.util.function.LongSupplier;

/** Time to the last step at the rate of this process, not of the processes before it. */
final class TimeLeft {
  private final LongSupplier nanoTime;
  private final long begin;
  private final long firstStep;
  private final long steps;

  TimeLeft(TrainingSession session, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
    this.firstStep = session.firstStep();
    this.steps = session.config().steps();
  }

  /** Returns the seconds left after a step; NaN before the first step of this process. */
  double at(long step) {
    if (step <= firstStep) {
      return Double.NaN;
    }
    double seconds = (nanoTime.getAsLong() - begin) * 1e-9;
    return seconds / (step - firstStep) * (steps - step);
  }
}
