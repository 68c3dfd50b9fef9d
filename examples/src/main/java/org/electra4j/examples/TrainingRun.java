package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.PretrainingResult;
import org.electra4j.train.RunFiles;
import org.electra4j.train.TrainingListener;
import org.electra4j.train.TrainingListeners;

/** Runs a training with the listeners of the command line, and says how it ended. */
final class TrainingRun {
  private static final int STOPPED = 130;

  private final Streams streams;
  private final Path tensorBoard;
  private final boolean profile;

  TrainingRun(Streams streams, Path tensorBoard, boolean profile) {
    this.streams = streams;
    this.tensorBoard = tensorBoard;
    this.profile = profile;
  }

  /** The training. */
  @FunctionalInterface
  interface Training {
    PretrainingResult run(TrainingListener... listeners) throws IOException;
  }

  int run(Path output, Training training) throws IOException {
    try (LastWord lastWord = new LastWord()) {
      return report(output, training.run(listeners()));
    }
  }

  private TrainingListener[] listeners() {
    List<TrainingListener> listeners = new ArrayList<>(List.of(TrainingListeners.basic()));
    listeners.add(TrainingListeners.collapseWarning());
    listeners.add(
        streams.ofProcess()
            ? TrainingListeners.progressBar()
            : TrainingListeners.progressLines(streams.err()));
    if (tensorBoard != null) {
      listeners.add(TrainingListeners.tensorBoard(tensorBoard));
    }
    if (profile) {
      listeners.add(TrainingListeners.profile(result -> streams.err().printf("%n%s%n", result)));
    }
    return listeners.toArray(TrainingListener[]::new);
  }

  private int report(Path output, PretrainingResult result) {
    if (result.stopped().isPresent()) {
      String next =
          Files.exists(new RunFiles(output).config())
              ? "continue with: examples/electra resume " + quoted(output)
              : "give the same command again to go on";
      streams
          .err()
          .printf("stopped at step %d (%s), %s%n", result.steps(), result.stopped().get(), next);
      streams.err().flush();
      return STOPPED;
    }
    RunFiles files = new RunFiles(output);
    streams
        .err()
        .printf(
            "done: %,d steps, %,d tokens, %.0f s, %,.0f tokens/s%n",
            result.steps(), result.tokens(), result.seconds(), result.tokensPerSecond());
    streams.err().println("model: " + files.model());
    streams.err().println("curves: " + files.curves());
    return Electra.DONE;
  }

  private static String quoted(Path path) {
    String text = path.toString();
    return text.matches("[\\w./+:@%=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
