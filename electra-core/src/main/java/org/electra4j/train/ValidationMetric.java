package org.electra4j.train;

import org.electra4j.Objective;

/** A held-out metric to watch. */
public enum ValidationMetric {
  /** Mean loss at masked positions; lower is better. */
  GENERATOR_LOSS,
  /** Mean loss of the discriminator, or of the main language model; lower is better. */
  MAIN_LOSS,
  /** Area under the discriminator's ROC curve; higher is better. */
  DISCRIMINATOR_AUC;

  /** Returns this metric's value; NaN where there is none. */
  public double of(ValidationMetrics metrics) {
    return switch (this) {
      case GENERATOR_LOSS -> metrics.generatorLoss();
      case MAIN_LOSS -> metrics.mainLoss();
      case DISCRIMINATOR_AUC ->
          metrics.discriminator() == null ? Double.NaN : metrics.discriminator().auc();
    };
  }

  /** Returns whether runs of an objective have this metric. */
  public boolean appliesTo(Objective objective) {
    return switch (this) {
      case GENERATOR_LOSS -> true;
      case MAIN_LOSS -> objective != Objective.MLM;
      case DISCRIMINATOR_AUC -> !objective.isLanguageModel();
    };
  }

  /** Returns whether one value is strictly better than another. */
  public boolean isBetter(double value, double than) {
    return this == DISCRIMINATOR_AUC ? value > than : value < than;
  }
}
