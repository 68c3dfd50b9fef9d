package org.electra4j.bench.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Pre-trains with every objective on the same text at equal operations, and judges each encoder by
 * linear probes (the question of the paper's section 3.4, at the scale of a laptop).
 */
@Command(
    name = "study",
    header = "Compares pre-training objectives at equal FLOPs by linear probes.",
    description = "What is done already in the work folder is not done again.",
    sortOptions = false,
    showDefaultValues = true,
    mixinStandardHelpOptions = true)
public final class Study implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(Study.class);

  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "Text files or folders.")
  List<Path> corpus;

  @Option(
      names = "--tasks",
      required = true,
      paramLabel = "DIR",
      description = "Folder with a folder for each labelled task.")
  Path tasks;

  @Option(
      names = "--probes",
      split = ",",
      defaultValue = "sst2,cola,conll2000,error-detection",
      paramLabel = "TASK",
      description = "Labelled tasks.")
  List<String> probes;

  @Option(
      names = "--work",
      required = true,
      paramLabel = "DIR",
      description = "Folder of vocabulary, corpus and runs.")
  Path work;

  @Option(names = "--preset", defaultValue = "tiny", description = "Recipe of every run.")
  String preset;

  @Option(names = "--vocab-size", defaultValue = "8192", description = "Of the vocabulary.")
  int vocabSize;

  @Option(
      names = "--objectives",
      split = ",",
      defaultValue = "ELECTRA,MLM,REPLACE_MLM,ALL_TOKENS_MLM,ELECTRA_15",
      description = "What is compared.")
  List<Objective> objectives;

  @Option(names = "--seeds", defaultValue = "3", description = "Runs with seeds 1 to this.")
  int seeds;

  @Option(
      names = "--flops",
      split = ",",
      defaultValue = "2.4e13",
      description = "Operations of a run; several numbers make runs with schedules of their own.")
  List<Double> flops;

  @Option(
      names = "--points",
      defaultValue = "4",
      description = "Checkpoints along a run that are judged, the end included.")
  int points;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      defaultValue = "electra-bench/results",
      description = "Folder of the report.")
  Path results;

  @Option(names = "--jobs", defaultValue = "2", description = "Runs at a time, one thread each.")
  int jobs;

  @Option(
      names = "--no-training",
      description = "Only judge what is trained, and write the report.")
  boolean noTraining;

  private volatile boolean failed;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Study()).setOverwrittenOptionsAllowed(true).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    List<ProbeTask> probeTasks = new ArrayList<>();
    for (String name : probes) {
      probeTasks.add(ProbeTask.read(tasks, name));
    }
    StudyText text = StudyText.prepare(corpus, work, vocabSize, jobs);
    StudyEncoders encoders = new StudyEncoders(recipe(text), text, points);
    if (!noTraining) {
      inParallel(plan(), encoders::pretrain);
    }
    inParallel(plan(), run -> encoders.judge(run, probeTasks));
    List<StudyPoint> all = plan().stream().flatMap(run -> encoders.points(run).stream()).toList();
    StudyReport report = StudyReport.of(probeTasks, all);
    if (report.isEmpty()) {
      log.warn("Nothing is trained yet, so there is nothing to report.");
      return 1;
    }
    report.write(results, facts(text, probeTasks));
    log.info("Wrote {}", results.resolve("objectives.md"));
    return 0;
  }

  private List<String> facts(StudyText text, List<ProbeTask> probeTasks) {
    List<String> facts = new ArrayList<>();
    facts.add(
        String.format(
            Locale.ROOT,
            "Text: %s, %,d tokens of a vocabulary of %,d trained on it.",
            corpus.stream()
                .map(path -> path.getFileName().toString())
                .collect(Collectors.joining(", ")),
            text.tokens(),
            text.vocabSize()));
    facts.add(
        "Recipe: preset "
            + preset
            + ", its peak learning rate for every objective; the steps are those that spend the"
            + " FLOPs (`Flops.trainingSequence`), a sixth of them warmup.");
    facts.add(
        "Points before the end of a run are checkpoints along its one learning-rate schedule, so"
            + " they are undecayed; column \"of\" names the FLOPs of the schedule.");
    facts.add(
        "Judged by multinomial logistic regression to convergence on the frozen last layer: mean"
            + " over the tokens of a text, first token of a word. Scores are times 100; \"random\""
            + " is the untrained network.");
    probeTasks.forEach(
        task ->
            facts.add(
                String.format(
                    Locale.ROOT,
                    "%s: %s, fitted on %,d and judged on %,d %s.",
                    task.name(),
                    task.metric().title,
                    task.train().size(),
                    task.test().size(),
                    task.perWord() ? "sentences in words" : "texts")));
    facts.add("Command: `electra-bench/study " + String.join(" ", shown()) + "`");
    return facts;
  }

  /** Returns the options that decide the figures. */
  private List<String> shown() {
    return List.of(
        "--corpus … --tasks … --work …",
        "--preset " + preset,
        "--vocab-size " + vocabSize,
        "--flops " + flops.stream().map(StudyReport::power).collect(Collectors.joining(",")),
        "--points " + points,
        "--seeds " + seeds,
        "--probes " + String.join(",", probes));
  }

  private PretrainingConfig recipe(StudyText text) {
    return PretrainingConfig.preset(preset)
        .corpus(text.corpus())
        .vocabulary(text.vocabulary())
        .output(work)
        .threads(1)
        .build();
  }

  /** What is done for each run. */
  private interface Work {
    void run(StudyRun run) throws IOException;
  }

  private void inParallel(List<StudyRun> runs, Work action)
      throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(jobs);
    try {
      List<Future<?>> pending = new ArrayList<>();
      for (StudyRun run : runs) {
        pending.add(pool.submit(() -> unlessFailed(run, action)));
      }
      for (Future<?> result : pending) {
        result.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  /** A run that fails or is stopped keeps those after it from beginning. */
  private Void unlessFailed(StudyRun run, Work action) throws IOException {
    if (failed) {
      return null;
    }
    try {
      action.run(run);
      return null;
    } catch (IOException | RuntimeException | Error e) {
      failed = true;
      throw e;
    }
  }

  private List<StudyRun> plan() {
    List<StudyRun> runs = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      runs.add(new StudyRun(Optional.empty(), seed, 0));
    }
    for (double budget : flops) {
      for (int seed = 1; seed <= seeds; seed++) {
        for (Objective objective : objectives) {
          runs.add(new StudyRun(Optional.of(objective), seed, budget));
        }
      }
    }
    return runs;
  }
}
