package org.electra4j.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
abstract class LineCommand<R> extends ElectraCommand {
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

  @Mixin EngineOptions engine = new EngineOptions();

  LineCommand(Streams streams) {
    super(streams);
  }

  /** Answers texts, in their order. */
  interface Texts<R> extends AutoCloseable {
    List<R> texts(List<String> texts);

    @Override
    void close();
  }

  abstract Texts<R> load(Path model, InferenceOptions options) throws IOException;

  abstract void write(JsonGenerator json, R answer) throws IOException;

  @Override
  int run() throws IOException {
    positive("--threads", engine.threads.threads);
    LineReader lines = new LineReader(streams.in());
    JsonLines out = new JsonLines(streams.out());
    try (Texts<R> answers = load(model(), engine.inference())) {
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

  private void answer(Texts<R> answers, List<String> batch, long first, JsonLines out)
      throws IOException {
    if (!isOneByOne()) {
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
  private List<R> allAtOnce(Texts<R> answers, List<String> batch) {
    try {
      return answers.texts(batch);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private R one(Texts<R> answers, String line, long number) {
    try {
      return one(answers, line);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Line " + number + " of the input: " + e.getMessage(), e);
    }
  }

  /** Returns whether lines are answered one at a time. */
  boolean isOneByOne() {
    return false;
  }

  /** Returns the answer to a line. */
  R one(Texts<R> answers, String line) {
    return answers.texts(List.of(line)).get(0);
  }
}
