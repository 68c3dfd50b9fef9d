package org.electra4j.train;

import java.nio.file.Path;

/**
 * Hears what a run does; names as in DJL. Called on the training thread, in the order in which
 * listeners were given; what one throws ends the run with its last state saved.
 */
public interface TrainingListener {

  /**
   * While the run prepares its vocabulary or corpus, before {@link #onTrainingBegin}.
   *
   * @param what what is prepared, for display
   * @param done work done
   * @param total work in all, or -1 when unknown; in bytes of text, or tokens where pieces of a
   *     vocabulary are merged
   */
  default void onPreparation(String what, long done, long total) {}

  /** Before the first step of this process, after everything was opened. */
  default void onTrainingBegin(TrainingSession session) {}

  /** After every optimizer step. */
  default void onTrainingBatch(TrainingSession session, TrainingProgress progress) {}

  /** After every held-out evaluation. */
  default void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {}

  /** When a pass over the training examples is complete; {@code epoch} counts from 1. */
  default void onEpoch(TrainingSession session, int epoch) {}

  /** After a checkpoint lies whole on disk. */
  default void onCheckpoint(TrainingSession session, long step, Path directory) {}

  /** When the run is complete, stopped or failed; the last call. */
  default void onTrainingEnd(TrainingSession session) {}
}
