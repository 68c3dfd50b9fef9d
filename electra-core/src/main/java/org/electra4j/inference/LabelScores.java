package org.electra4j.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Logits to labels with probabilities. */
final class LabelScores {
  private LabelScores() {}

  /** Returns all labels of a row of logits, best first; they exclude each other. */
  static List<LabelScore> softmax(List<String> labels, float[] logits, int begin) {
    double max = max(logits, begin, labels.size());
    double sum = sum(logits, begin, labels.size(), max);
    List<LabelScore> scores = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      float probability = (float) (Math.exp(logits[begin + i] - max) / sum);
      scores.add(new LabelScore(labels.get(i), i, logits[begin + i], probability));
    }
    return sorted(scores);
  }

  /** Returns the probability of one of the labels of a row of logits, which exclude each other. */
  static float probability(float[] logits, int begin, int count, int label) {
    double max = max(logits, begin, count);
    return (float) (Math.exp(logits[begin + label] - max) / sum(logits, begin, count, max));
  }

  private static double max(float[] logits, int begin, int count) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[begin + i]);
    }
    return max;
  }

  /** Returns the sum of the exponentials of a row, relative to that of its largest logit. */
  private static double sum(float[] logits, int begin, int count, double max) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[begin + i] - max);
    }
    return sum;
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
