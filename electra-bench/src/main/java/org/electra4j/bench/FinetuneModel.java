package org.electra4j.bench;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.ElectraConfig;
import org.electra4j.PretrainingConfig;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;

/** The network of the fine-tuning benchmarks. */
final class FinetuneModel {
  private static final float DROPOUT = 0.1f;

  private FinetuneModel() {}

  /** Returns a preset's encoder with the dense head that transformers has, dropout 0.1. */
  static TaskDescription of(String preset, List<String> labels, int maxLength) {
    ElectraConfig model =
        PretrainingConfig.preset(preset)
            .corpus(Path.of("none"))
            .vocabulary(Path.of("none"))
            .output(Path.of("none"))
            .build()
            .model()
            .withHiddenDropoutProb(DROPOUT)
            .withAttentionProbsDropoutProb(DROPOUT);
    return new TaskDescription(model, Kind.CLASSIFICATION, labels, Style.DENSE, DROPOUT, maxLength);
  }
}
