package org.electra4j.finetune;

import java.nio.file.Path;

/** A fine-tuning run as its listeners see it. */
public interface FinetuningSession {

  /** Returns the configuration of the run. */
  FinetuningConfig config();

  /** Returns the output folder. */
  Path output();

  /** Returns the number of the trial, from 1 on; those that failed count. */
  int trial();

  /** Returns the number of steps of a trial. */
  long steps();

  /** Returns the number of steps taken in this trial so far. */
  long step();

  /** Returns the device in words, for display. */
  String deviceDescription();

  /** Returns the bytes that a trial takes on its device, known before its first step. */
  long plannedBytes();

  /** Asks the run to save and return after the current step; {@code reason} is one sentence. */
  void stop(String reason);
}
