package org.electra4j.bench.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.electra4j.Objective;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyReportTest {
  @TempDir Path folder;

  private static ProbeTask task(String name, ProbeTask.Metric metric) {
    return new ProbeTask(name, false, metric, List.of(), List.of());
  }

  private StudyPoint point(StudyRun run, int index, double... scores) throws IOException {
    Path file = folder.resolve(run.folder() + index + ".json");
    StudyScores all = StudyScores.of(file);
    String[] names = {"sst2", "cola"};
    for (int i = 0; i < scores.length; i++) {
      all.put(names[i], scores[i]);
    }
    return new StudyPoint(run, index, 100L * index, run.flops() * index / 2, folder, file);
  }

  @Test
  void theTableHasMeanAndDeviationOverSeeds() throws IOException {
    List<StudyPoint> points = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      points.add(point(new StudyRun(Optional.empty(), seed, 0), 0, 50 + seed, 0));
      StudyRun run = new StudyRun(Optional.of(Objective.REPLACE_MLM), seed, 4e12);
      points.add(point(run, 1, 60 + 2 * seed, 10));
      points.add(seed == 1 ? point(run, 2, 70, 20) : point(run, 2, 70)); // not judged whole yet
    }
    List<ProbeTask> tasks =
        List.of(task("sst2", ProbeTask.Metric.ACCURACY), task("cola", ProbeTask.Metric.MATTHEWS));
    StudyReport report = StudyReport.of(tasks, points);
    assertThat(report.markdown().lines())
        .containsExactly(
            "| objective | FLOPs | of | steps | seeds | sst2 (accuracy) | cola (Matthews) | mean |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            "| random | 0 | 0 | 0 | 3 | 52.0 ± 1.0 | 0.0 ± 0.0 | 26.0 ± 0.5 |",
            "| replace-mlm | 2.0e12 | 4.0e12 | 100 | 3 | 64.0 ± 2.0 | 10.0 ± 0.0 | 37.0 ± 1.0 |",
            "| replace-mlm | 4.0e12 | 4.0e12 | 200 | 1 | 70.0 | 20.0 | 45.0 |");
    report.write(folder.resolve("results"), List.of("A fact."));
    assertThat(folder.resolve("results/objectives.md"))
        .content()
        .contains("- A fact.", report.markdown(), "(objectives-mean.svg)");
    for (String column : List.of("sst2", "cola", "mean")) {
      assertThat(Files.readString(folder.resolve("results/objectives-" + column + ".svg")))
          .contains("<svg", "</svg>");
    }
  }

  @Test
  void nothingJudgedIsNoReport() throws IOException {
    StudyRun run = new StudyRun(Optional.of(Objective.MLM), 1, 1e12);
    List<ProbeTask> tasks = List.of(task("sst2", ProbeTask.Metric.ACCURACY));
    assertThat(StudyReport.of(tasks, List.of(point(run, 1))).isEmpty()).isTrue();
  }
}
