package org.electra4j.finetune;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.electra4j.io.JsonStore;

/**
 * The files of a fine-tuning run: {@code finetune.json} (what defines it), {@code trial-<n>/} (a
 * complete trial: {@code trial.json} and its model), {@code checkpoint/} (a trial that was
 * stopped), {@code model/} (the best trial's), {@code metrics.jsonl}, {@code curves.svg}, {@code
 * result.json}.
 *
 * @param output the folder
 */
public record FinetuningFiles(Path output) {
  static final JsonStore JSON =
      new JsonStore(JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build());

  /** Returns the file that says what the run is. */
  public Path identity() {
    return output.resolve("finetune.json");
  }

  /** Returns the folder of a trial, from 1 on. */
  public Path trial(int number) {
    return output.resolve("trial-" + number);
  }

  /** Returns the directory of the best model. */
  public Path model() {
    return output.resolve("model");
  }

  /** Returns the folder of a trial that was stopped. */
  public Path checkpoint() {
    return output.resolve("checkpoint");
  }

  /** Returns the file of metrics, one JSON object a line. */
  public Path metrics() {
    return output.resolve("metrics.jsonl");
  }

  /** Returns the picture of the curves. */
  public Path curves() {
    return output.resolve("curves.svg");
  }

  /** Returns the summary of the run. */
  public Path result() {
    return output.resolve("result.json");
  }
}
