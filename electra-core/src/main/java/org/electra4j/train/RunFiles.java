package org.electra4j.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.electra4j.PretrainingConfig;
import org.electra4j.io.CheckpointDirectory;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.JsonStore;

/**
 * The files of an output folder: {@code run.json} (the configuration), {@code vocab.txt} when it
 * was trained here, {@code corpus/}, {@code checkpoint-<step>/}, {@code model/}, {@code
 * metrics.jsonl}, {@code curves.svg}, {@code result.json}.
 *
 * @param output the folder
 */
public record RunFiles(Path output) {
  static final JsonStore JSON =
      new JsonStore(
          JsonMapper.builder()
              .visibility(PropertyAccessor.ALL, Visibility.NONE)
              .visibility(PropertyAccessor.FIELD, Visibility.ANY)
              .visibility(PropertyAccessor.CREATOR, Visibility.ANY)
              .enable(SerializationFeature.INDENT_OUTPUT)
              .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .build());

  /** Returns the file with the configuration. */
  public Path config() {
    return output.resolve("run.json");
  }

  /** Returns the vocabulary that was trained in this run. */
  public Path vocabulary() {
    return output.resolve("vocab.txt");
  }

  /** Returns the folder of the prepared corpus. */
  public Path corpus() {
    return output.resolve("corpus");
  }

  /** Returns the checkpoints. */
  public CheckpointDirectory checkpoints() {
    return new CheckpointDirectory(output);
  }

  /** Returns the directory of the finished model. */
  public Path model() {
    return output.resolve("model");
  }

  /** Returns the file of training metrics, one JSON object a line. */
  public Path metrics() {
    return output.resolve("metrics.jsonl");
  }

  /** Returns the picture of the training curves. */
  public Path curves() {
    return output.resolve("curves.svg");
  }

  /** Returns the summary of a run. */
  public Path result() {
    return output.resolve("result.json");
  }

  /**
   * Requires that there is neither a run nor what one would replace.
   *
   * @throws IOException when there is
   */
  void requireNew() throws IOException {
    if (Files.exists(config())) {
      throw new IOException(
          output + " holds a run already; resume it, or choose another output folder.");
    }
    if (Files.exists(model())) {
      throw new IOException(output + " holds a model of no run; choose another output folder.");
    }
  }

  /** Writes the configuration of the run. */
  void writeConfig(PretrainingConfig config) throws IOException {
    Files.createDirectories(output);
    JSON.write(config(), config);
  }

  /**
   * Reads the configuration of the run; the output folder is this one, wherever the run was made.
   *
   * @throws NoSuchFileException when there is no run in the folder
   * @throws FileFormatException when the file is damaged
   */
  PretrainingConfig readConfig() throws IOException {
    if (!Files.isRegularFile(config())) {
      throw new NoSuchFileException(
          output.toString(), null, "there is no run in this folder: run.json is missing");
    }
    PretrainingConfig config = JSON.read(config(), PretrainingConfig.class);
    try {
      return config.toBuilder().output(output).build();
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(config(), e.getMessage(), e);
    }
  }
}
