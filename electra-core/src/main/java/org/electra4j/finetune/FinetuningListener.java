package org.electra4j.finetune;

import java.util.List;

/**
 * Hears what a fine-tuning run does; names as in DJL. Called on the training thread; what one
 * throws ends the run.
 */
public interface FinetuningListener {

  /** Before the first trial of this process, after all examples were read and encoded. */
  default void onTrainingBegin(FinetuningSession session) {}

  /** Before the first step of a trial, or where one goes on. */
  default void onTrialBegin(FinetuningSession session) {}

  /** After every optimizer step. */
  default void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {}

  /** After every evaluation: one entry a task, in the order of the tasks. */
  default void onValidation(FinetuningSession session, List<Evaluation> evaluations) {}

  /** When a trial has taken its last step and was written. */
  default void onTrialEnd(FinetuningSession session, TrialResult result) {}

  /** When the run is complete, stopped or failed; the last call. */
  default void onTrainingEnd(FinetuningSession session) {}
}
