package org.electra4j.finetune;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes {@code metrics.jsonl}; a run that goes on appends to it. */
final class FinetuningMetricsListener implements FinetuningListener {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private FileOutputStream out; // unlike a channel, not closed by an interrupt

  @Override
  public void onTrainingBegin(FinetuningSession session) {
    try {
      out = new FileOutputStream(new FinetuningFiles(session.output()).metrics().toFile(), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
    if (progress.logged()) {
      Map<String, Object> line = line(session, progress.task(), progress.step());
      put(line, "loss", progress.loss());
      put(line, "learning_rate", progress.learningRate());
      put(line, "grad_norm", progress.gradNorm());
      put(line, "tokens_per_second", progress.tokensPerSecond());
      write(line);
    }
  }

  @Override
  public void onValidation(FinetuningSession session, List<Evaluation> evaluations) {
    for (int i = 0; i < evaluations.size(); i++) {
      String task = session.config().tasks().get(i).task().name();
      Map<String, Object> line = line(session, task, session.step());
      put(line, "eval_loss", evaluations.get(i).loss());
      evaluations.get(i).scores().forEach((name, score) -> put(line, "eval_" + name, score));
      write(line);
    }
  }

  private static Map<String, Object> line(FinetuningSession session, String task, long step) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("trial", session.trial());
    line.put("task", task);
    line.put("step", step);
    return line;
  }

  private static void put(Map<String, Object> line, String name, double value) {
    line.put(name, Double.isFinite(value) ? value : null);
  }

  private void write(Map<String, Object> line) {
    try {
      byte[] json = JSON.writeValueAsBytes(line);
      byte[] withNewline = Arrays.copyOf(json, json.length + 1);
      withNewline[json.length] = '\n';
      out.write(withNewline);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainingEnd(FinetuningSession session) {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
