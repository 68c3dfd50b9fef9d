package org.electra4j.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.electra4j.PretrainingConfig;
import org.electra4j.io.CheckpointDirectory;
import org.electra4j.io.FileFormatException;

/**
 * The files of an output folder: {@code run.json} (the configuration), {@code vocab.txt} when it
 * was trained here, {@code corpus/}, {@code checkpoint-<step>/}, {@code model/}, {@code
 * metrics.jsonl}, {@code curves.svg}, {@code result.json}.
 *
 * @param output the folder
 */
public record RunFiles(Path output) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .visibility(PropertyAccessor.ALL, Visibility.NONE)
          .visibility(PropertyAccessor.FIELD, Visibility.ANY)
          .visibility(PropertyAccessor.CREATOR, Visibility.ANY)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

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

  /** Writes an object as JSON, replacing a file in one step. */
  static void writeJson(Path file, Object value) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".writing");
    Files.write(temporary, JSON.writeValueAsBytes(value));
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Reads an object from JSON.
   *
   * @throws FileFormatException when the file does not hold one
   */
  static <T> T readJson(Path file, Class<T> type) throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), type);
    } catch (JsonProcessingException e) {
      throw new FileFormatException(file, e.getOriginalMessage(), e);
    }
  }

  /** Writes the configuration of the run. */
  void writeConfig(PretrainingConfig config) throws IOException {
    Files.createDirectories(output);
    writeJson(config(), config.toBuilder());
  }

  /**
   * Reads the configuration of the run; the output folder is where the file lies now.
   *
   * @throws NoSuchFileException when there is no run in the folder
   */
  PretrainingConfig readConfig() throws IOException {
    if (!Files.isRegularFile(config())) {
      throw new NoSuchFileException(
          output.toString(), null, "there is no run in this folder: run.json is missing");
    }
    return readJson(config(), PretrainingConfig.Builder.class).output(output).build();
  }
}
