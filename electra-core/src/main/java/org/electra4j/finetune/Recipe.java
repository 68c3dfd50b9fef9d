package org.electra4j.finetune;

import java.util.Set;
import org.electra4j.ElectraConfig;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskKind;

/**
 * What the paper has for a size of model and a task where nothing else was asked for (Table 7).
 *
 * @param learningRate peak rate
 * @param layerwiseDecay factor from a layer to the one below
 */
record Recipe(double learningRate, double layerwiseDecay) {
  private static final int BASE_HIDDEN = 512; // between Small's 256 and Base's 768
  private static final int LARGE_HIDDEN = 1024;
  private static final Set<String> SMALL_SETS = Set.of("rte", "stsb", "sts-b", "sts");

  static Recipe of(FinetuningConfig config, ElectraConfig model) {
    boolean large = model.hiddenSize() >= LARGE_HIDDEN;
    boolean base = !large && model.hiddenSize() >= BASE_HIDDEN;
    double rate = large ? 5e-5 : base ? 1e-4 : 3e-4;
    double decay = large ? 0.9 : 0.8;
    return new Recipe(
        config.learningRate() == null ? rate : config.learningRate(),
        config.layerwiseDecay() == null ? decay : config.layerwiseDecay());
  }

  static double epochs(FinetuningConfig config, Task<?> task) {
    if (config.epochs() != null) {
      return config.epochs();
    }
    if (task.kind() == TaskKind.QUESTION_ANSWERING) {
      return 2;
    }
    return SMALL_SETS.contains(task.name()) ? 10 : 3;
  }

  /** Returns the longest sequence of a task, never longer than the model's positions. */
  static int maxLength(FinetuningConfig config, Task<?> task, ElectraConfig model) {
    int positions = model.maxPositionEmbeddings();
    if (config.maxLength() != null) {
      if (config.maxLength() > positions) {
        throw new IllegalArgumentException(
            "maxLength is "
                + config.maxLength()
                + ", but the model has "
                + positions
                + " positions; use at most as many.");
      }
      return config.maxLength();
    }
    return Math.min(positions, task.kind() == TaskKind.QUESTION_ANSWERING ? 512 : 128);
  }
}
