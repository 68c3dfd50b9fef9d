package org.electra4j.finetune;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what a run does. */
final class FinetuningLoggingListener implements FinetuningListener {
  private static final Logger LOG = LoggerFactory.getLogger(FinetuningListener.class);

  @Override
  public void onTrialBegin(FinetuningSession session) {
    LOG.info(
        "Fine-tuning on {}: trial {}, {} steps, {} MiB for parameters, optimizer and the largest"
            + " step",
        session.deviceDescription(),
        session.trial(),
        session.steps(),
        session.plannedBytes() >> 20);
  }

  @Override
  public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
    if (progress.logged()) {
      LOG.info("{}", FinetuningText.line(session, progress));
    }
  }

  @Override
  public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
    LOG.info("{}", FinetuningText.line(session, evaluations));
  }

  @Override
  public void onTrialEnd(FinetuningSession session, TrialResult result) {
    LOG.info("{}", FinetuningText.line(result));
  }
}
