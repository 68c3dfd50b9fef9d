package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;

/** Several models as one: the mean of their logits. */
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
}
