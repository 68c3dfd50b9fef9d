package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.electra4j.train.ProgressDisplay;

/** Shows a run to the person who started it. */
final class FinetuningProgressListener implements FinetuningListener {
  private final ProgressDisplay display;
  private FinetuningProgress logged;

  FinetuningProgressListener(ProgressDisplay display) {
    this.display = display;
  }

  @Override
  public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
    if (progress.logged() || logged == null) {
      logged = progress; // what is shown in between is calmer than every step's own numbers
    }
    if (display.isLines()) {
      if (progress.logged()) {
        display.line(FinetuningText.line(session, progress));
      }
      return;
    }
    List<String> fields = new ArrayList<>();
    fields.add(String.format(Locale.ROOT, "%,d/%,d", progress.step(), session.steps()));
    fields.addAll(FinetuningText.fields(logged));
    String task = session.config().trials() == 1 ? "" : "trial " + session.trial();
    display.show(task, progress.step(), session.steps(), fields);
  }

  @Override
  public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
    display.line(FinetuningText.line(session, evaluations));
  }

  @Override
  public void onTrialEnd(FinetuningSession session, TrialResult result) {
    display.finish();
    logged = null;
    if (session.config().trials() > 1 || result.degenerate()) {
      display.line(FinetuningText.line(result));
    }
  }

  @Override
  public void onTrainingEnd(FinetuningSession session) {
    display.finish();
  }
}
