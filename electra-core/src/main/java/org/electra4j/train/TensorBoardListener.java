package org.electra4j.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.io.TensorBoardWriter;

/** Writes TensorBoard event files; every process of a run begins a new one. */
final class TensorBoardListener implements TrainingListener {
  private final Path directory;
  private TensorBoardWriter writer;

  TensorBoardListener(Path directory) {
    this.directory = directory;
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    try {
      writer = new TensorBoardWriter(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    if (progress.logged()) {
      Map<String, Double> scores = TrainingMetrics.scores(session.config().objective(), progress);
      write("train/", scores, progress.step());
      write("", TrainingMetrics.rates(progress), progress.step());
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    Map<String, Double> scores = TrainingMetrics.scores(session.config().objective(), metrics);
    write("eval/", scores, metrics.step());
  }

  @Override
  public void onTrainingEnd(TrainingSession session) {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String prefix, Map<String, Double> values, long step) {
    Map<String, Double> finite = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            finite.put(prefix + name, value);
          }
        });
    try {
      writer.scalars(finite, step);
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
