package org.electra4j.bench.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.electra4j.ElectraTrainer;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.inference.ElectraEncoder;
import org.electra4j.inference.InferenceOptions;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.electra4j.train.RunFiles;
import org.electra4j.train.TrainingListeners;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains and judges the encoders of a study in its work folder; what is done is not repeated. */
final class StudyEncoders {
  private static final Logger log = LoggerFactory.getLogger(StudyEncoders.class);

  private final PretrainingConfig recipe;
  private final StudyText text;
  private final int points;

  /**
   * @param recipe what all runs share; its output is the work folder
   * @param points checkpoints along a run that are judged
   */
  StudyEncoders(PretrainingConfig recipe, StudyText text, int points) {
    this.recipe = recipe;
    this.text = text;
    this.points = points;
  }

  private Path folder(StudyRun run) {
    return recipe.output().resolve("runs").resolve(run.folder());
  }

  private PretrainingConfig config(StudyRun run) {
    return run.configure(recipe, text.vocabSize(), points).output(folder(run)).build();
  }

  /** Returns where a run is judged. */
  List<StudyPoint> points(StudyRun run) {
    return StudyPoint.of(run, config(run), folder(run));
  }

  /** Trains a run to its end, from where it was left. */
  void pretrain(StudyRun run) throws IOException {
    RunFiles files = new RunFiles(folder(run));
    if (Files.isDirectory(files.model())) {
      return;
    }
    PretrainingResult result =
        Files.exists(files.config())
            ? ElectraTrainer.resume(files.output(), 1, TrainingListeners.metricsFile())
            : ElectraTrainer.pretrain(config(run), TrainingListeners.metricsFile());
    if (result.stopped().isPresent()) {
      throw new IOException(run.folder() + " was stopped: " + result.stopped().get());
    }
    log.info(
        String.format(
            Locale.ROOT,
            "%s: %d steps in %.0f s (%.0f tokens/s)",
            run.folder(),
            result.steps(),
            result.seconds(),
            result.tokensPerSecond()));
  }

  /** Scores the points of a run that are trained. */
  void judge(StudyRun run, List<ProbeTask> tasks) throws IOException {
    for (StudyPoint point : points(run)) {
      StudyScores scores = StudyScores.of(point.scores());
      List<ProbeTask> open = tasks.stream().filter(task -> !scores.has(task.name())).toList();
      if (!open.isEmpty() && Files.isDirectory(point.model())) {
        judge(point.model(), open, scores);
        log.info("{} at step {}: {}", run.folder(), point.step(), scores);
      }
    }
  }

  private void judge(Path model, List<ProbeTask> tasks, StudyScores scores) throws IOException {
    InferenceOptions options =
        InferenceOptions.defaults()
            .withDevice(recipe.device())
            .withPrecision(recipe.precision())
            .withThreads(1);
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(Vocabulary.load(text.vocabulary()), TokenizerOptions.uncased());
    try (ElectraEncoder encoder = ElectraEncoder.load(model, options)) {
      Probe probe = new Probe(encoder, tokenizer, recipe.seqLength());
      for (ProbeTask task : tasks) {
        scores.put(task.name(), probe.score(task));
      }
    }
  }
}
