package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.electra4j.PretrainingConfig;
import org.electra4j.backend.Backend;
import org.electra4j.backend.KernelProfile;
import org.electra4j.backend.ProfilingBackend;
import org.electra4j.text.Vocabulary;

/** Calls, launches and bytes of the largest step of a run, without running it. */
public final class PlannedStep {
  private PlannedStep() {}

  /** Returns the profile of one update on a full batch; its times mean nothing. */
  public static KernelProfile profile(
      Backend backend, PretrainingConfig config, Vocabulary vocabulary) {
    ProfilingBackend profiling = new ProfilingBackend(backend.measuring());
    try (Backend measuring = profiling.backend()) {
      StepPlan.of(
          measuring,
          config,
          vocabulary,
          config.batchSize(),
          update -> {
            profiling.restartStep();
            update.run();
            profiling.endStep();
          });
    }
    return profiling.profile();
  }

  /** Returns a vocabulary of a size, of words without meaning; writes it into a folder. */
  public static Vocabulary vocabulary(Path folder, int size) throws IOException {
    List<String> words = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
    IntStream.range(words.size(), size).mapToObj(i -> "w" + i).forEach(words::add);
    return Vocabulary.load(Files.write(folder.resolve("words.txt"), words));
  }
}
