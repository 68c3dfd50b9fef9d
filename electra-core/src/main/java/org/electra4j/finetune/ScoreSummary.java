package org.electra4j.finetune;

import java.util.Arrays;

/**
 * One metric over the trials of a run.
 *
 * @param median what the paper reports
 * @param mean of the trials
 * @param deviation standard deviation of the sample, 0 for one trial
 * @param best the largest
 */
public record ScoreSummary(double median, double mean, double deviation, double best) {

  /**
   * Returns the summary of values.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static ScoreSummary of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("There are no values to sum up.");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double squares = Arrays.stream(sorted).map(v -> (v - mean) * (v - mean)).sum();
    return new ScoreSummary(median, mean, n == 1 ? 0 : Math.sqrt(squares / (n - 1)), sorted[n - 1]);
  }
}
