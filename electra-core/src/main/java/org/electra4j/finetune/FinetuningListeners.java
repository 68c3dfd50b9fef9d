package org.electra4j.finetune;

import java.io.PrintStream;
import java.nio.file.Path;
import org.electra4j.train.ProgressDisplay;
import org.electra4j.train.ProgressDisplays;

/** Makes the listeners that most runs want. */
public final class FinetuningListeners {
  private FinetuningListeners() {}

  /**
   * Returns listeners that log, and that keep {@code metrics.jsonl} and {@code curves.svg} in the
   * output folder.
   */
  public static FinetuningListener[] basic() {
    return new FinetuningListener[] {logging(), metricsFile(), curves()};
  }

  /** Returns a listener that shows progress on standard error: a bar on a terminal, else lines. */
  public static FinetuningListener progressBar() {
    return new FinetuningProgressListener(ProgressDisplays.standardError());
  }

  /** Returns a listener that prints a line per log interval, evaluation and trial. */
  public static FinetuningListener progressLines(PrintStream out) {
    ProgressDisplay display = ProgressDisplays.lines(out);
    return new FinetuningProgressListener(display);
  }

  /** Returns a listener that logs at level INFO per log interval, evaluation and trial. */
  public static FinetuningListener logging() {
    return new FinetuningLoggingListener();
  }

  /**
   * Returns a listener that writes one JSON object a line to {@code metrics.jsonl}: after every log
   * interval {@code trial, task, step, loss, learning_rate, grad_norm, tokens_per_second}, after
   * every evaluation {@code trial, task, step} and loss and scores with {@code eval_} before their
   * names. What is not finite is {@code null}.
   */
  public static FinetuningListener metricsFile() {
    return new FinetuningMetricsListener();
  }

  /**
   * Returns a listener that draws loss, held-out scores and learning rate of all trials to {@code
   * curves.svg}.
   */
  public static FinetuningListener curves() {
    return new FinetuningCurvesListener();
  }

  /**
   * Returns a listener that writes TensorBoard event files to {@code trial-<n>} under a folder:
   * {@code train/<task>/loss}, {@code learning_rate}, {@code grad_norm} and {@code
   * tokens_per_second} after every log interval, {@code eval/<task>/} loss and scores after every
   * evaluation.
   */
  public static FinetuningListener tensorBoard(Path directory) {
    return new FinetuningTensorBoardListener(directory);
  }
}
