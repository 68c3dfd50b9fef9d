package org.electra4j.train;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.electra4j.Objective;

/** Writes {@code metrics.jsonl}. */
final class MetricsFileListener implements TrainingListener {
  private final Function<TrainingSession, Path> location;
  private FileOutputStream out; // unlike a channel, not closed by an interrupt

  MetricsFileListener(Function<TrainingSession, Path> location) {
    this.location = location;
  }

  @Override
  public void onTrainingBegin(TrainingSession session) {
    Path file = location.apply(session).toAbsolutePath();
    try {
      Files.createDirectories(file.getParent());
      if (Files.exists(file)) {
        MetricsLines.truncate(file, session.firstStep());
      }
      out = new FileOutputStream(file.toFile(), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
    if (progress.logged()) {
      Objective objective = session.config().objective();
      Map<String, Double> values = TrainingMetrics.scores(objective, progress);
      values.putAll(TrainingMetrics.rates(progress));
      write(progress.step(), values);
    }
  }

  @Override
  public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
    Map<String, Double> values = new LinkedHashMap<>();
    TrainingMetrics.scores(session.config().objective(), metrics)
        .forEach((name, value) -> values.put(TrainingMetrics.EVAL + name, value));
    write(metrics.step(), values);
  }

  /** Lines must survive a power cut if the checkpoint after them does. */
  @Override
  public void onCheckpoint(TrainingSession session, long step, Path directory) {
    try {
      out.getFD().sync();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingEnd(TrainingSession session) {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(long step, Map<String, Double> values) {
    try {
      out.write(MetricsLines.line(step, values));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
