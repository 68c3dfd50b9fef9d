package org.electra4j.finetune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one trial gave.
 *
 * @param trial number, from 1 on
 * @param seed key of its randomness
 * @param scores held-out metrics by name, by the name of the task
 * @param degenerate whether it ended at chance level: it is then left out of the statistics
 * @param steps optimizer steps taken
 * @param tokens real tokens trained on
 * @param seconds time spent in training, evaluations not included
 */
public record TrialResult(
    int trial,
    long seed,
    Map<String, Map<String, Double>> scores,
    boolean degenerate,
    long steps,
    long tokens,
    double seconds) {

  /** Copies the scores. */
  public TrialResult {
    Map<String, Map<String, Double>> copy = new LinkedHashMap<>();
    scores.forEach(
        (task, metrics) ->
            copy.put(task, Collections.unmodifiableMap(new LinkedHashMap<>(metrics))));
    scores = Collections.unmodifiableMap(copy);
  }

  /** Returns the mean over the tasks of the metric to choose by; NaN when there is none. */
  public double main() {
    return scores.values().stream()
        .filter(metrics -> !metrics.isEmpty())
        .mapToDouble(metrics -> metrics.values().iterator().next())
        .average()
        .orElse(Double.NaN);
  }
}
