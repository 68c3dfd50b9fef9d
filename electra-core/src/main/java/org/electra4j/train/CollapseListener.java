package org.electra4j.train;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns once when the discriminator calls every token original. */
final class CollapseListener implements TrainingListener {
  private static final Logger log = LoggerFactory.getLogger(CollapseListener.class);
  private static final double CHANCE_BALANCED_ACCURACY = 0.52;
  private static final double HARDLY_ANY_RECALL = 0.02;
  private static final int IN_A_ROW = 2;

  private int collapsed;

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    BinaryMetrics discriminator = metrics.discriminator();
    if (discriminator == null
        || discriminator.positives() == 0
        || metrics.step() <= session.config().warmupSteps()) {
      return;
    }
    boolean collapsedNow =
        discriminator.balancedAccuracy() < CHANCE_BALANCED_ACCURACY
            && discriminator.recall() < HARDLY_ANY_RECALL;
    if (collapsed < IN_A_ROW) {
      collapsed = collapsedNow ? collapsed + 1 : 0;
      if (collapsed == IN_A_ROW) {
        warn(metrics.step(), discriminator);
      }
    }
  }

  private static void warn(long step, BinaryMetrics discriminator) {
    log.warn(
        "The discriminator calls every token original at step {} (recall {}, balanced accuracy {},"
            + " AUC {}). If that lasts: use a smaller generator, a lower learning rate or a longer"
            + " warmup, check that the vocabulary fits the text, or raise the discriminator's"
            + " weight.",
        step,
        ProgressText.decimals(discriminator.recall(), 3),
        ProgressText.decimals(discriminator.balancedAccuracy(), 3),
        ProgressText.decimals(discriminator.auc(), 3));
  }
}
