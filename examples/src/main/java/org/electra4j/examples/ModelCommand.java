package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.inference.InferenceOptions;
import picocli.CommandLine.Option;

/**
 * A command that answers every line of its input, a text or token ids, with a JSON object.
 *
 * @param <R> the answer to one line
 */
abstract class ModelCommand<R> extends LineCommand<R> {
  @Option(
      names = "--input-ids",
      description = "Lines are token ids with blanks between them, special tokens included.")
  boolean inputIds;

  ModelCommand(Streams streams) {
    super(streams);
  }

  /** Answers texts, in their order, and token ids. */
  interface Answers<R> extends Texts<R> {
    R ids(int[] ids);
  }

  @Override
  abstract Answers<R> load(Path model, InferenceOptions options) throws IOException;

  @Override
  boolean isOneByOne() {
    return inputIds;
  }

  @Override
  R one(Texts<R> answers, String line) {
    return inputIds ? ((Answers<R>) answers).ids(parseIds(line)) : super.one(answers, line);
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
