package org.electra4j.finetune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.io.TensorBoardWriter;

/** Writes TensorBoard event files, those of each trial to a folder of its own. */
final class FinetuningTensorBoardListener implements FinetuningListener {
  private final Path directory;
  private TensorBoardWriter writer;

  FinetuningTensorBoardListener(Path directory) {
    this.directory = directory;
  }

  @Override
  public void onTrialBegin(FinetuningSession session) {
    close();
    try {
      writer = new TensorBoardWriter(directory.resolve("trial-" + session.trial()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
    if (progress.logged()) {
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("train/" + progress.task() + "/loss", progress.loss());
      values.put("learning_rate", progress.learningRate());
      values.put("grad_norm", progress.gradNorm());
      values.put("tokens_per_second", progress.tokensPerSecond());
      write(values, progress.step());
    }
  }

  @Override
  public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < evaluations.size(); i++) {
      String prefix = "eval/" + session.config().tasks().get(i).task().name() + "/";
      values.put(prefix + "loss", evaluations.get(i).loss());
      evaluations.get(i).scores().forEach((name, score) -> values.put(prefix + name, score));
    }
    write(values, session.step());
  }

  private void write(Map<String, Double> values, long step) {
    values.values().removeIf(value -> !Double.isFinite(value));
    try {
      writer.scalars(values, step);
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingEnd(FinetuningSession session) {
    close();
  }

  private void close() {
    try {
      if (writer != null) {
        writer.close();
        writer = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
