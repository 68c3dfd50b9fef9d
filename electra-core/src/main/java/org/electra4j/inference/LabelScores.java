package org.electra4j.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Logits to labels with probabilities. */
final class LabelScores {
  private LabelScores() {}

  /** Returns all labels of a row of logits, best first; they exclude each other. */
  static List<LabelScore> softmax(List<String> labels, float[] logits, int begin) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < labels.size(); i++) {
      max = Math.max(max, logits[begin + i]);
    }
    double sum = 0;
    for (int i = 0; i < labels.size(); i++) {
      sum += Math.exp(logits[begin + i] - max);
    }
    List<LabelScore> scores = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      float probability = (float) (Math.exp(logits[begin + i] - max) / sum);
      scores.add(new LabelScore(labels.get(i), i, logits[begin + i], probability));
    }
    return sorted(scores);
  }

  /** Returns all labels of a row of logits, best first; any number of them may apply. */
  static List<LabelScore> sigmoid(List<String> labels, float[] logits) {
    List<LabelScore> scores = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      float probability = (float) (1 / (1 + Math.exp(-logits[i])));
      scores.add(new LabelScore(labels.get(i), i, logits[i], probability));
    }
    return sorted(scores);
  }

  /** Stable, so that the lower index is first on ties. */
  private static List<LabelScore> sorted(List<LabelScore> scores) {
    scores.sort(Comparator.comparingDouble(score -> -score.logit()));
    return List.copyOf(scores);
  }
}
