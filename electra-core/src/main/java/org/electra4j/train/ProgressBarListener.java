package org.electra4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Shows a run to the person who started it. */
final class ProgressBarListener implements TrainingListener {
  private final ProgressDisplay display;
  private final LongSupplier nanoTime;
  private TimeLeft timeLeft;
  private TrainingProgress logged;

  ProgressBarListener(ProgressDisplay display, LongSupplier nanoTime) {
    this.display = display;
    this.nanoTime = nanoTime;
  }

  @Override
  public void onPreparation(String what, long done, long total) {
    List<String> fields =
        total > 0 ? List.of(ProgressText.percent((double) done / total)) : List.of();
    display.show(what, done, total, fields);
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    display.finish();
    display.line(ProgressText.memory(session));
    timeLeft = new TimeLeft(session, nanoTime);
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    double left = timeLeft.at(progress.step());
    if (progress.logged() || logged == null) {
      logged = progress; // what is shown in between is calmer than every step's own numbers
    }
    if (display.isLines()) {
      if (progress.logged()) {
        display.line(ProgressText.line(session, progress, left));
      }
      return;
    }
    long steps = session.config().steps();
    List<String> fields = new ArrayList<>();
    fields.add(String.format(Locale.ROOT, "%,d/%,d", progress.step(), steps));
    fields.add(ProgressText.timeLeft(left));
    fields.addAll(ProgressText.fields("acc", logged));
    display.show("", progress.step(), steps, fields);
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    display.line(ProgressText.line(session, metrics));
  }

  @Override
  public void onTrainingEnd(TrainingSession session) {
    display.finish();
  }
}
