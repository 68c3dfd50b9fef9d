package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.model.ElectraJointSpanHead;

/** Several models as one. */
final class Ensemble {
  private Ensemble() {}

  /** Returns the mean logits of each sequence over the models. */
  static List<float[]> mean(List<List<float[]>> models) {
    List<float[]> means = new ArrayList<>();
    for (int sequence = 0; sequence < models.get(0).size(); sequence++) {
      float[] mean = new float[models.get(0).get(sequence).length];
      for (int i = 0; i < mean.length; i++) {
        double sum = 0;
        for (List<float[]> model : models) {
          sum += model.get(sequence)[i];
        }
        mean[i] = (float) (sum / models.size());
      }
      means.add(mean);
    }
    return means;
  }

  /**
   * Returns the spans of joint heads with their mean probabilities, and the mean of the logits of
   * "no answer". A span that a model's beam lacks has probability 0 there.
   */
  static List<float[]> spans(List<List<float[]>> models) {
    List<float[]> all = new ArrayList<>();
    for (int sequence = 0; sequence < models.get(0).size(); sequence++) {
      double nullLogit = 0;
      Map<List<Integer>, Double> probabilities = new LinkedHashMap<>();
      for (List<float[]> model : models) {
        float[] spans = model.get(sequence);
        nullLogit += spans[0] / models.size();
        for (int i = 1; i < spans.length; i += ElectraJointSpanHead.SPAN) {
          List<Integer> ends = List.of((int) spans[i], (int) spans[i + 1]);
          probabilities.merge(ends, Math.exp(spans[i + 2]) / models.size(), Double::sum);
        }
      }
      float[] merged = new float[1 + ElectraJointSpanHead.SPAN * probabilities.size()];
      merged[0] = (float) nullLogit;
      int at = 1;
      for (Map.Entry<List<Integer>, Double> span : probabilities.entrySet()) {
        merged[at++] = span.getKey().get(0);
        merged[at++] = span.getKey().get(1);
        merged[at++] = (float) Math.log(span.getValue());
      }
      all.add(merged);
    }
    return all;
  }
}
