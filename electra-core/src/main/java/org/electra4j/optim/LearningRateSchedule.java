package org.electra4j.optim;

/** The learning rate as a function of the step number, counted from 0. */
@FunctionalInterface
public interface LearningRateSchedule {

  /** Returns the rate of step {@code step}. */
  double rate(long step);

  /**
   * Returns the reference's schedule: {@code peak * max(0, 1 - step/total)^power * min(1,
   * step/warmup)}. The decay runs during warmup too, and the rate of step 0 is 0 when there is a
   * warmup (reference file optimization.py).
   *
   * @param peak rate that the two factors multiply
   * @param total number of steps
   * @param warmup steps of linear warmup, 0 for none
   * @param power 1 for linear decay, 0 for none
   */
  static LearningRateSchedule polynomial(double peak, long total, long warmup, double power) {
    if (total < 1 || warmup < 0 || power < 0) {
      throw new IllegalArgumentException(
          "total must be positive and warmup and power not negative, got "
              + total
              + ", "
              + warmup
              + ", "
              + power);
    }
    return step -> {
      double decay = power == 0 ? 1 : Math.pow(Math.max(0, 1 - (double) step / total), power);
      double warm = warmup == 0 ? 1 : Math.min(1, (double) step / warmup);
      return peak * decay * warm;
    };
  }
}
