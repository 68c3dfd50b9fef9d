package org.electra4j.train;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a run through SLF4J. */
final class LoggingListener implements TrainingListener {
  private static final Logger log = LoggerFactory.getLogger(LoggingListener.class);

  private TimeLeft timeLeft;

  @Override
  public void onTrainingBegin(TrainingSession session) {
    timeLeft = new TimeLeft(session, System::nanoTime);
    log.info(
        "Training from step {} to {} on {}",
        session.firstStep(),
        session.config().steps(),
        session.deviceDescription());
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    if (progress.logged() && log.isInfoEnabled()) {
      log.info("{}", ProgressText.line(session, progress, timeLeft.at(progress.step())));
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    if (log.isInfoEnabled()) {
      log.info("{}", ProgressText.line(session, metrics));
    }
  }

  @Override
  public void onEpoch(TrainingSession session, int epoch) {
    log.info("Pass {} over the training examples is complete", epoch);
  }

  @Override
  public void onCheckpoint(TrainingSession session, long step, Path directory) {
    log.info("Step {} saved in {}", step, directory);
  }

  @Override
  public void onTrainingEnd(TrainingSession session) {
    log.info("Training ended at step {} of {}", session.step(), session.config().steps());
  }
}
