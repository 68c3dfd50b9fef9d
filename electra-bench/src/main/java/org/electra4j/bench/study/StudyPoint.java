package org.electra4j.bench.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.PretrainingConfig;
import org.electra4j.train.RunFiles;

/**
 * A point along a run at which its encoder is judged.
 *
 * @param run the run
 * @param index of the point, from 1; 0 for the floor
 * @param step optimizer steps until there
 * @param flops operations until there
 * @param model directory of the encoder
 * @param scores file of its scores
 */
record StudyPoint(StudyRun run, int index, long step, double flops, Path model, Path scores) {

  /** Returns the points of a run in this folder: its checkpoints, then its end. */
  static List<StudyPoint> of(StudyRun run, PretrainingConfig config, Path folder) {
    List<StudyPoint> points = new ArrayList<>();
    Path end = new RunFiles(folder).model();
    if (run.objective().isEmpty()) {
      return List.of(new StudyPoint(run, 0, 0, 0, end, scores(folder, 0)));
    }
    long every = config.saveEvery();
    // Steps that do not divide leave a remainder shorter than one interval before the end.
    for (long step = every; step + every <= config.steps(); step += every) {
      Path checkpoint = folder.resolve("checkpoint-" + step);
      points.add(point(run, points.size() + 1, step, config, checkpoint, folder));
    }
    points.add(point(run, points.size() + 1, config.steps(), config, end, folder));
    return points;
  }

  private static StudyPoint point(
      StudyRun run, int index, long step, PretrainingConfig config, Path model, Path folder) {
    double flops = run.flops() * step / config.steps();
    return new StudyPoint(run, index, step, flops, model, scores(folder, step));
  }

  private static Path scores(Path folder, long step) {
    return folder.resolve("scores-" + step + ".json");
  }
}
