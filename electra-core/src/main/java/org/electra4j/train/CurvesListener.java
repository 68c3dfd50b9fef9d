package org.electra4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.electra4j.Objective;
import org.electra4j.io.CurvesSvg;

/** Draws the curves of a run after every validation and at the end. */
final class CurvesListener implements TrainingListener {
  private static final String HELD_OUT = ", held-out";

  private final Function<TrainingSession, Path> location;
  private final MetricsHistory training = new MetricsHistory();
  private final MetricsHistory validation = new MetricsHistory();
  private Path file;

  CurvesListener(Function<TrainingSession, Path> location) {
    this.location = location;
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    file = location.apply(session).toAbsolutePath();
    Path metrics = new RunFiles(session.output()).metrics();
    try {
      Files.createDirectories(file.getParent());
      if (session.firstStep() > 0 && Files.exists(metrics)) {
        MetricsLines.read(metrics, session.firstStep(), this::remember);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remember(long step, Map<String, Double> values) {
    Map<String, Double> evaluation = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(TrainingMetrics.EVAL)) {
            evaluation.put(name.substring(TrainingMetrics.EVAL.length()), value);
          }
        });
    if (evaluation.isEmpty()) {
      training.add(step, values);
    } else {
      validation.add(step, evaluation);
    }
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    if (progress.logged()) {
      Objective objective = session.config().objective();
      Map<String, Double> values = TrainingMetrics.scores(objective, progress);
      values.putAll(TrainingMetrics.rates(progress));
      training.add(progress.step(), values);
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    Objective objective = session.config().objective();
    validation.add(metrics.step(), TrainingMetrics.scores(objective, metrics));
    write(session);
  }

  @Override
  public void onTrainingEnd(TrainingSession session) {
    write(session);
  }

  private void write(TrainingSession session) {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      CurvesSvg.write(temporary, heading(session), panels(session.config().objective()));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String heading(TrainingSession session) {
    return String.format(
        Locale.ROOT,
        "%s: step %,d of %,d",
        session.output().toAbsolutePath().getFileName(),
        session.step(),
        session.config().steps());
  }

  private List<CurvesSvg.Panel> panels(Objective objective) {
    List<CurvesSvg.Panel> panels = new ArrayList<>();
    String generator = objective.hasGenerator() ? "generator" : "masked language model";
    panel(
        panels, "Language-model loss", "generator_loss", generator, "language_model_loss", "main");
    panel(panels, "Discriminator loss", "discriminator_loss", "discriminator");
    panel(panels, "Masked-LM accuracy", "masked_lm_accuracy", generator);
    panel(panels, "Replaced-token detection: AUC", "disc_auc", "AUC");
    panel(
        panels,
        "Replaced-token detection: precision and recall",
        "disc_precision",
        "precision",
        "disc_recall",
        "recall");
    panel(panels, "Learning rate", "learning_rate", "learning rate");
    panel(panels, "Speed: tokens per second", "tokens_per_second", "tokens/s");
    return panels;
  }

  /** Adds a panel of those metrics that the run has, each in training and held-out. */
  private void panel(List<CurvesSvg.Panel> panels, String title, String... namesAndLabels) {
    List<CurvesSvg.Series> lines = new ArrayList<>();
    for (int i = 0; i < namesAndLabels.length; i += 2) {
      add(lines, training, namesAndLabels[i], namesAndLabels[i + 1]);
      add(lines, validation, namesAndLabels[i], namesAndLabels[i + 1] + HELD_OUT);
    }
    if (!lines.isEmpty()) {
      panels.add(new CurvesSvg.Panel(title, "step", lines));
    }
  }

  private static void add(
      List<CurvesSvg.Series> lines, MetricsHistory history, String name, String label) {
    if (history.has(name)) {
      lines.add(new CurvesSvg.Series(label, history.steps(), history.values(name)));
    }
  }
}
