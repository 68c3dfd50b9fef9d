package org.electra4j.finetune;

import java.util.HashSet;
import java.util.Set;
import org.electra4j.finetune.FinetuningConfig.TaskInput;

/** The rules that hold between the values of a {@link FinetuningConfig}. */
final class FinetuningConfigCheck {
  private static final int SHORTEST = 8;

  private FinetuningConfigCheck() {}

  static void check(FinetuningConfig c) {
    require(c.model() != null, "There is no model: name the directory to start from.");
    require(c.output() != null, "There is no output folder.");
    Set<String> names = new HashSet<>();
    for (TaskInput<?> input : c.tasks()) {
      String name = input.task().name();
      require(names.add(name), "Task " + name + " is there twice.");
      require(
          input.data().train().stream().anyMatch(example -> example.labelled()),
          "Task " + name + " has no labelled examples to train on.");
    }
    present("headStyle", c.headStyle());
    present("spanStyle", c.spanStyle());
    present("classWeights", c.classWeights());
    present("answers", c.answers());
    present("device", c.device());
    present("precision", c.precision());
    positive("batchSize", c.batchSize());
    positive("trials", c.trials());
    positive("threads", c.threads());
    positive("logEvery", c.logEvery());
    positive("stride", c.stride());
    positive("maxQuestion", c.maxQuestion());
    notNegative("evalEvery", c.evalEvery());
    notNegative("patience", c.patience());
    notNegative("weightDecay", c.weightDecay());
    notNegative("maxGradNorm", c.maxGradNorm());
    require(c.epsilon() > 0, "epsilon", "positive", c.epsilon());
    require(c.epochs() == null || c.epochs() > 0, "epochs", "positive", c.epochs());
    require(
        c.learningRate() == null || c.learningRate() > 0 && c.learningRate() < 1,
        "learningRate",
        "in (0, 1)",
        c.learningRate());
    require(
        c.layerwiseDecay() == null || c.layerwiseDecay() > 0 && c.layerwiseDecay() <= 1,
        "layerwiseDecay",
        "in (0, 1]",
        c.layerwiseDecay());
    require(
        c.warmupShare() >= 0 && c.warmupShare() < 1, "warmupShare", "in [0, 1)", c.warmupShare());
    require(
        c.dropout() == null || c.dropout() >= 0 && c.dropout() < 1,
        "dropout",
        "in [0, 1)",
        c.dropout());
    require(c.frozenLayers() >= -1, "frozenLayers", "-1 or more", c.frozenLayers());
    require(
        c.maxLength() == null || c.maxLength() >= SHORTEST,
        "maxLength",
        "at least " + SHORTEST,
        c.maxLength());
  }

  private static void present(String field, Object value) {
    require(value != null, field + " must not be null.");
  }

  private static void positive(String field, long value) {
    require(value > 0, field, "positive", value);
  }

  private static void notNegative(String field, double value) {
    require(value >= 0 && value < Double.POSITIVE_INFINITY, field, "zero or positive", value);
  }

  private static void require(boolean holds, String field, String rule, Object value) {
    require(holds, field + " must be " + rule + ", but is " + value + ".");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
