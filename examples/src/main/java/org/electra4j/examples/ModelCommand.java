package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.train.RunFiles;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A command that answers every line of its input with a JSON object.
 *
 * @param <R> the answer to one line
 */
abstract class ModelCommand<R> extends ElectraCommand {
  private static final int MOST_LINES = 256;

  static final class ModelArgument {
    @Option(
        names = "--model",
        paramLabel = "DIR",
        required = true,
        description = "Model directory, or the output folder of a complete run.")
    Path option;

    @Parameters(
        index = "0",
        paramLabel = "DIR",
        arity = "1",
        description = "The same, without --model.")
    Path parameter;
  }

  @ArgGroup(multiplicity = "1")
  ModelArgument modelArgument;

  @Option(
      names = "--input-ids",
      description = "Lines are token ids with blanks between them, special tokens included.")
  boolean inputIds;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto, cpu, cuda[:i] or reference (default: ${DEFAULT-VALUE}).")
  Device device;

  @Option(
      names = "--precision",
      paramLabel = "FORMAT",
      defaultValue = "auto",
      description = "auto, fp32 or bf16 (default: ${DEFAULT-VALUE}).")
  Precision precision;

  @Mixin ThreadOptions threads = new ThreadOptions();

  ModelCommand(Streams streams) {
    super(streams);
  }

  /** Answers texts, in their order. */
  interface Answers<R> extends AutoCloseable {
    List<R> texts(List<String> texts);

    R ids(int[] ids);

    @Override
    void close();
  }

  abstract Answers<R> load(Path model, InferenceOptions options) throws IOException;

  abstract void write(JsonGenerator json, R answer) throws IOException;

  @Override
  int run() throws IOException {
    positive("--threads", threads.threads);
    InferenceOptions options =
        InferenceOptions.defaults()
            .withDevice(device)
            .withPrecision(precision)
            .withThreads(threads.threads);
    LineReader lines = new LineReader(streams.in());
    JsonLines out = new JsonLines(streams.out());
    try (Answers<R> answers = load(model(), options)) {
      for (List<String> batch = lines.next(MOST_LINES);
          !batch.isEmpty();
          batch = lines.next(MOST_LINES)) {
        long first = lines.lines() - batch.size() + 1;
        answer(answers, batch, first, out);
      }
    } finally {
      out.flush();
    }
    return Electra.DONE;
  }

  private Path model() {
    Path path = modelArgument.option != null ? modelArgument.option : modelArgument.parameter;
    Path ofRun = new RunFiles(path).model();
    return !Files.exists(path.resolve("config.json")) && Files.isDirectory(ofRun) ? ofRun : path;
  }

  private void answer(Answers<R> answers, List<String> batch, long first, JsonLines out)
      throws IOException {
    if (!inputIds) {
      List<R> results = allAtOnce(answers, batch);
      if (results != null) {
        for (R result : results) {
          out.write(json -> write(json, result));
        }
        out.flush();
        return;
      }
    }
    for (int i = 0; i < batch.size(); i++) {
      R result = one(answers, batch.get(i), first + i);
      out.write(json -> write(json, result));
    }
    out.flush();
  }

  /** Returns the answers, or null when a line is wrong: then one by one, to name it. */
  private List<R> allAtOnce(Answers<R> answers, List<String> batch) {
    try {
      return answers.texts(batch);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private R one(Answers<R> answers, String line, long number) {
    try {
      return inputIds ? answers.ids(parseIds(line)) : answers.texts(List.of(line)).get(0);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Line " + number + " of the input: " + e.getMessage(), e);
    }
  }

  private static int[] parseIds(String line) {
    List<Integer> ids = new ArrayList<>();
    for (String word : line.strip().split("\\s+")) {
      try {
        ids.add(Integer.parseInt(word));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            word.isEmpty()
                ? "there are no token ids; give numbers with blanks between them."
                : "\"" + word + "\" is no token id; give numbers with blanks between them.",
            e);
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
