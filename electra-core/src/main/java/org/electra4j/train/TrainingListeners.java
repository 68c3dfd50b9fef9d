package org.electra4j.train;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.electra4j.backend.KernelProfile;

/** Makes the listeners that most runs want; names as in DJL. */
public final class TrainingListeners {
  private TrainingListeners() {}

  /**
   * Returns listeners that log, and that keep {@code metrics.jsonl} and {@code curves.svg} in the
   * output folder.
   */
  public static TrainingListener[] basic() {
    return new TrainingListener[] {logging(), metricsFile(), curves()};
  }

  /**
   * Returns a listener that shows progress on standard error: one line with step, loss, accuracy,
   * AUC, rate and time left on a terminal, else a line per log interval and validation.
   *
   * @throws IllegalStateException when {@code me.tongfei:progressbar} is not on the class path
   */
  public static TrainingListener progressBar() {
    return new ProgressBarListener(ProgressDisplays.standardError(), System::nanoTime);
  }

  /** Returns a listener that prints a line per log interval and validation. */
  public static TrainingListener progressLines(PrintStream out) {
    return new ProgressBarListener(ProgressDisplays.lines(out), System::nanoTime);
  }

  /** Returns a listener that logs at level INFO per log interval, validation and checkpoint. */
  public static TrainingListener logging() {
    return new LoggingListener();
  }

  /**
   * Returns a listener that writes event files for TensorBoard: {@code train/…} and {@code eval/…}
   * losses and scores, {@code learning_rate}, {@code grad_norm}, {@code tokens_per_second} and
   * {@code data_wait_share}.
   *
   * @param directory where to write; made if it does not exist
   */
  public static TrainingListener tensorBoard(Path directory) {
    return new TensorBoardListener(directory);
  }

  /** Returns {@link #metricsFile(Path)} for {@code metrics.jsonl} in the output folder. */
  public static TrainingListener metricsFile() {
    return new MetricsFileListener(session -> new RunFiles(session.output()).metrics());
  }

  /**
   * Returns a listener that writes one JSON object a line: after every log interval {@code step,
   * loss, generator_loss, discriminator_loss, masked_lm_accuracy, disc_auc, disc_precision,
   * disc_recall, disc_balanced_accuracy, learning_rate, grad_norm, tokens_per_second,
   * data_wait_share}, after every validation {@code step} and the losses and scores with {@code
   * eval_} before their names. What is not finite, or what the objective does not have, is {@code
   * null}; Replace-MLM and All-Tokens MLM add {@code language_model_loss}. When a run resumes,
   * lines of later steps are cut off, so that the file has every step once.
   */
  public static TrainingListener metricsFile(Path metricsJsonl) {
    return new MetricsFileListener(session -> metricsJsonl);
  }

  /** Returns {@link #curves(Path)} for {@code curves.svg} in the output folder. */
  public static TrainingListener curves() {
    return new CurvesListener(session -> new RunFiles(session.output()).curves());
  }

  /**
   * Returns a listener that draws losses, accuracy, the discriminator's scores, learning rate and
   * speed after every validation and at the end. The part of the run before it was resumed comes
   * from {@code metrics.jsonl} in the output folder, where there is one.
   */
  public static TrainingListener curves(Path svg) {
    return new CurvesListener(session -> svg);
  }

  /**
   * Returns a listener that stops the run when a held-out metric has not improved.
   *
   * @param patience validations in a row without improvement, at least 1; counted anew when a run
   *     resumes
   */
  public static TrainingListener earlyStopping(ValidationMetric metric, int patience) {
    return new EarlyStoppingListener(metric, patience);
  }

  /**
   * Returns a listener that warns once, with advice, when after warmup the discriminator calls
   * every token original in two validations in a row: balanced accuracy below 0.52 and recall below
   * 0.02.
   */
  public static TrainingListener collapseWarning() {
    return new CollapseListener();
  }

  /**
   * Returns a listener that times every kernel of up to 50 steps, after up to 20 of warm-up, and
   * hands over the sums once; {@code profile(System.err::println)} prints them as a table. The run
   * gives the same result, a little slower.
   */
  public static TrainingListener profile(Consumer<KernelProfile> consumer) {
    return new ProfileListener(consumer);
  }
}
