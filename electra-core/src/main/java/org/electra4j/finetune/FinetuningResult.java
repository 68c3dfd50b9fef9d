package org.electra4j.finetune;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a fine-tuning run gave.
 *
 * @param model directory of the best trial's model, which transformers loads too; with several
 *     tasks a folder with one directory a task. Where the run was stopped before its first trial
 *     was complete, the output folder
 * @param trials all trials that are complete, those at chance level included
 * @param ensemble scores of the mean of the logits of all trials by task, when there were several
 *     and all ran in this process; else empty
 * @param stopped why the run ended before its last trial was complete; empty when it is complete
 */
public record FinetuningResult(
    Path model,
    List<TrialResult> trials,
    Map<String, Map<String, Double>> ensemble,
    Optional<String> stopped) {

  /** Copies the list. */
  public FinetuningResult {
    trials = List.copyOf(trials);
  }

  /** Returns the trials that count: all but those at chance level, or all when none is better. */
  public List<TrialResult> counted() {
    List<TrialResult> good = trials.stream().filter(trial -> !trial.degenerate()).toList();
    return good.isEmpty() ? trials : good;
  }

  /** Returns every metric over the trials that count, by task. */
  public Map<String, Map<String, ScoreSummary>> summary() {
    Map<String, Map<String, ScoreSummary>> summary = new LinkedHashMap<>();
    List<TrialResult> counted = counted();
    if (counted.isEmpty()) {
      return summary;
    }
    counted
        .get(0)
        .scores()
        .forEach(
            (task, metrics) -> {
              Map<String, ScoreSummary> ofTask = new LinkedHashMap<>();
              for (String metric : metrics.keySet()) {
                ofTask.put(
                    metric,
                    ScoreSummary.of(
                        counted.stream()
                            .mapToDouble(trial -> trial.scores().get(task).get(metric))
                            .toArray()));
              }
              summary.put(task, ofTask);
            });
    return summary;
  }

  /** Returns real tokens a second of training, over all trials. */
  public double tokensPerSecond() {
    double seconds = trials.stream().mapToDouble(TrialResult::seconds).sum();
    return seconds == 0 ? 0 : trials.stream().mapToLong(TrialResult::tokens).sum() / seconds;
  }
}
