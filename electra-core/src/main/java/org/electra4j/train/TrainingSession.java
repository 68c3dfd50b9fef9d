package org.electra4j.train;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.electra4j.PretrainingConfig;
import org.electra4j.model.LoadReport;

/** A run as its listeners see it. */
public interface TrainingSession {

  /** Returns the configuration of the run. */
  PretrainingConfig config();

  /** Returns the output folder. */
  Path output();

  /** Returns the number of the step that this process began with: 0, or where it resumed. */
  long firstStep();

  /** Returns the number of steps taken so far, over all processes of the run. */
  long step();

  /** Returns the device in words, for display. */
  String deviceDescription();

  /** Returns how many numbers are trained. */
  long parameterCount();

  /**
   * Returns the bytes that parameters, optimizer and step arena take, known before the first step.
   */
  long plannedBytes();

  /**
   * Returns the bytes of main memory that this process is expected to take at most, known before
   * the first step: what it has in memory already, {@link #plannedBytes()} where they are in main
   * memory, and an allowance for code and scratch; empty where the system does not tell.
   */
  OptionalLong expectedPeakBytes();

  /**
   * Returns which tensors of {@code initializeFrom} were loaded, missing or unexpected: one report
   * a file; empty when the run began from initial values or resumed.
   */
  List<LoadReport> initialization();

  /** Asks the run to save and return after the current step; {@code reason} is one sentence. */
  void stop(String reason);
}
