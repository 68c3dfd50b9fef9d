package org.electra4j.finetune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.io.CurvesSvg;

/** Draws the curves of all trials of this process, after every trial and at the end. */
final class FinetuningCurvesListener implements FinetuningListener {
  private record Points(List<Double> x, List<Double> y) {}

  /** Title of a panel to legend to points. */
  private final Map<String, Map<String, Points>> panels = new LinkedHashMap<>();

  @Override
  public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
    if (progress.logged()) {
      String of = series(session, progress.task());
      add("Training loss", of, progress.step(), progress.loss());
      if (session.trial() == 1) {
        add("Learning rate of the head", "learning rate", progress.step(), progress.learningRate());
      }
    }
  }

  @Override
  public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
    for (int i = 0; i < evaluations.size(); i++) {
      String of = series(session, session.config().tasks().get(i).task().name());
      evaluations
          .get(i)
          .scores()
          .forEach((name, score) -> add("Held-out " + name, of, session.step(), score));
      add("Held-out loss", of, session.step(), evaluations.get(i).loss());
    }
  }

  private static String series(FinetuningSession session, String task) {
    String trial = "trial " + session.trial();
    return session.config().tasks().size() == 1 ? trial : task + ", " + trial;
  }

  private void add(String title, String series, long x, double y) {
    Points points =
        panels
            .computeIfAbsent(title, t -> new LinkedHashMap<>())
            .computeIfAbsent(series, s -> new Points(new ArrayList<>(), new ArrayList<>()));
    points.x().add((double) x);
    points.y().add(y);
  }

  @Override
  public void onTrialEnd(FinetuningSession session, TrialResult result) {
    write(session);
  }

  @Override
  public void onTrainingEnd(FinetuningSession session) {
    if (!panels.isEmpty()) {
      write(session);
    }
  }

  private void write(FinetuningSession session) {
    List<CurvesSvg.Panel> drawn = new ArrayList<>();
    panels.forEach(
        (title, series) -> {
          List<CurvesSvg.Series> lines = new ArrayList<>();
          series.forEach(
              (name, points) ->
                  lines.add(new CurvesSvg.Series(name, array(points.x()), array(points.y()))));
          drawn.add(new CurvesSvg.Panel(title, "step", lines));
        });
    Path file = new FinetuningFiles(session.output()).curves();
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    try {
      CurvesSvg.write(temporary, session.output().toAbsolutePath().getFileName().toString(), drawn);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
