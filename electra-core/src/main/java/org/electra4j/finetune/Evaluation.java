package org.electra4j.finetune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a model does on a split.
 *
 * @param split name of the split
 * @param scores metrics by their usual names, the one to choose by first; empty without labels
 * @param loss mean loss, NaN where it is not known
 * @param degenerate whether the model is at chance level: it gives every example the same answer
 * @param ids of the examples
 * @param answers what was predicted for each: a label, a number, tags with blanks between them,
 *     labels with commas between them, or the text of an answer
 */
public record Evaluation(
    String split,
    Map<String, Double> scores,
    double loss,
    boolean degenerate,
    List<String> ids,
    List<String> answers) {

  /** Copies the collections. */
  public Evaluation {
    scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    ids = List.copyOf(ids);
    answers = List.copyOf(answers);
  }

  /** Returns the metric to choose by; NaN when there is none. */
  public double main() {
    return scores.isEmpty() ? Double.NaN : scores.values().iterator().next();
  }

  /** Returns the same with these metrics first, as far as they are there. */
  Evaluation inOrderOf(List<String> names) {
    Map<String, Double> ordered = new LinkedHashMap<>();
    names.stream().filter(scores::containsKey).forEach(name -> ordered.put(name, scores.get(name)));
    scores.forEach(ordered::putIfAbsent);
    return new Evaluation(split, ordered, loss, degenerate, ids, answers);
  }
}
