package org.electra4j.train;

import java.util.Locale;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;

/** Stops a run whose held-out metric no longer improves. */
final class EarlyStoppingListener implements TrainingListener {
  private final ValidationMetric metric;
  private final int patience;
  private double best = Double.NaN;
  private long bestStep;
  private int withoutImprovement;

  EarlyStoppingListener(ValidationMetric metric, int patience) {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "patience must be at least 1 validation, but is " + patience + ".");
    }
    this.metric = metric;
    this.patience = patience;
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    PretrainingConfig config = session.config();
    Objective objective = config.objective();
    if (!metric.appliesTo(objective)) {
      throw new IllegalArgumentException(
          metric + " does not exist in objective " + objective + "; stop on GENERATOR_LOSS.");
    }
    if (config.evalEvery() == 0) {
      throw new IllegalArgumentException(
          "Early stopping needs validations during the run: set evalEvery above 0.");
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    double value = metric.of(metrics);
    if (Double.isFinite(value) && (Double.isNaN(best) || metric.isBetter(value, best))) {
      best = value;
      bestStep = metrics.step();
      withoutImprovement = 0;
      return;
    }
    withoutImprovement++;
    if (withoutImprovement >= patience) {
      session.stop(
          String.format(
              Locale.ROOT,
              "%s has not improved in %d validations; its best, %.4f, was at step %d",
              metric,
              withoutImprovement,
              best,
              bestStep));
    }
  }
}
