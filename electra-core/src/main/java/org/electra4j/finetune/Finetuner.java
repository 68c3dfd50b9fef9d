package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.io.AtomicDirectory;
import org.electra4j.io.RunLock;
import org.electra4j.train.DiskCheck;
import org.electra4j.train.ShutdownGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fine-tunes: trial after trial, each with the next seed, until enough of them learnt something.
 */
public final class Finetuner implements FinetuningSession, Trial.Watcher {
  private static final Logger LOG = LoggerFactory.getLogger(Finetuner.class);
  private static final int MOST_ATTEMPTS_A_TRIAL = 2;

  /** Writes the tokenizer's files into a model directory. */
  interface TokenizerWriter {
    void write(Path directory) throws IOException;
  }

  private final FinetuningConfig config;
  private final List<FinetuningListener> listeners;
  private final FinetuningFiles files;
  private final List<TrialResult> trials = new ArrayList<>();
  private final List<List<List<float[]>>> trialLogits = new ArrayList<>();
  private RunSetup setup;
  private Backend backend;
  private BatchPlan plan;
  private Trial trial;
  private int trialNumber;
  private long plannedBytes;
  private volatile String stopReason;
  private volatile boolean started;

  private Finetuner(FinetuningConfig config, List<FinetuningListener> listeners) {
    this.config = config;
    this.listeners = List.copyOf(listeners);
    this.files = new FinetuningFiles(config.output());
  }

  /**
   * Runs all trials, or what is left of them when the output folder holds this very run, stopped.
   *
   * @throws IOException when a file cannot be read or written, or the output folder holds another
   *     run
   * @throws IllegalArgumentException when model, data and configuration do not fit
   */
  public static FinetuningResult run(FinetuningConfig config, List<FinetuningListener> listeners)
      throws IOException {
    return new Finetuner(config, listeners).locked();
  }

  private FinetuningResult locked() throws IOException {
    boolean interrupted = false;
    try (RunLock lock = RunLock.acquire(files.output());
        ShutdownGuard guard = new ShutdownGuard(this::stop, () -> !started)) {
      FinetuningResult result = prepareAndRun();
      interrupted = Thread.interrupted(); // an interrupt would close the channels that still work
      return result;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FinetuningResult prepareAndRun() throws IOException {
    setup = RunSetup.of(config);
    AtomicDirectory.recover(files.checkpoint());
    AtomicDirectory.recover(files.model());
    setup.requireSameRun(files);
    try (Backend created = Backends.create(config.device(), config.precision(), config.threads())) {
      backend = created;
      readTrials();
      started = true;
      try {
        listeners.forEach(listener -> listener.onTrainingBegin(this));
        while (wantsMore() && !isStopping()) {
          runTrial();
        }
        return finish();
      } finally {
        listeners.forEach(listener -> listener.onTrainingEnd(this));
      }
    }
  }

  private boolean wantsMore() {
    long good = trials.stream().filter(result -> !result.degenerate()).count();
    return good < config.trials() && trials.size() < MOST_ATTEMPTS_A_TRIAL * config.trials();
  }

  /** Reads the trials that earlier processes completed. */
  private void readTrials() throws IOException {
    for (int number = 1; ; number++) {
      AtomicDirectory.recover(files.trial(number));
      Path file = files.trial(number).resolve("trial.json");
      if (!Files.exists(file)) {
        return;
      }
      trials.add(FinetuningFiles.JSON.read(file, TrialResult.class));
    }
  }

  private void runTrial() throws IOException {
    trialNumber = trials.size() + 1;
    long seed = config.seed() + trials.size();
    plan = setup.plan(seed);
    try (FinetuningStep step =
        new FinetuningStep(backend, config, setup.model(), setup.tasks(), plan.steps(), seed)) {
      plannedBytes = step.plannedBytes();
      setup.writeIdentity(files); // a configuration that the network refuses leaves nothing behind
      if (trialNumber == 1) {
        long model = step.store().parameterCount() * Float.BYTES;
        long models = model * (config.trials() + 1); // and the best one
        DiskCheck.warn(files.output(), models + DiskCheck.checkpointBytes(step.store()));
      }
      trial = new Trial(config, setup.tasks(), step, plan, beginOrResume(step), this);
      listeners.forEach(listener -> listener.onTrialBegin(this));
      if (trial.run(this::isStopping)) {
        complete(step, seed);
      } else {
        saveState(step);
      }
    }
  }

  private TrialState beginOrResume(FinetuningStep step) throws IOException {
    Path checkpoint = files.checkpoint();
    if (Files.isDirectory(checkpoint)) {
      TrialState state = TrialState.read(checkpoint);
      if (state.trial() == trialNumber) {
        TrialState.load(checkpoint, step.store());
        LOG.info("Trial {} goes on at step {}", trialNumber, state.step());
        return state;
      }
    }
    setup.initialize(step);
    return TrialState.begin(trialNumber);
  }

  /** With early stopping the best weights so far matter too; such a trial begins anew. */
  private void saveState(FinetuningStep step) throws IOException {
    if (config.patience() > 0 || trial.state().step() == 0) {
      return;
    }
    boolean interrupted = Thread.interrupted(); // an interrupt would close the channels that save
    AtomicDirectory.write(files.checkpoint(), folder -> trial.state().write(folder, step.store()));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void complete(FinetuningStep step, long seed) throws IOException {
    boolean interrupted = Thread.interrupted();
    List<Evaluation> evaluations = trial.evaluations();
    TrialState state = trial.state();
    TrialResult result =
        new TrialResult(
            trialNumber,
            seed,
            scores(evaluations),
            evaluations.stream().anyMatch(Evaluation::degenerate),
            state.step(),
            state.tokens(),
            state.seconds());
    AtomicDirectory.write(
        files.trial(trialNumber),
        folder -> {
          trial.save(folder, setup::writeTokenizer);
          FinetuningFiles.JSON.write(folder.resolve("trial.json"), result);
        });
    trials.add(result);
    if (config.trials() > 1 && !result.degenerate()) {
      List<List<float[]>> logits = new ArrayList<>();
      for (int task = 0; task < setup.tasks().size(); task++) {
        logits.add(step.logits(task));
      }
      trialLogits.add(logits);
    }
    if (result.degenerate()) {
      LOG.warn(
          "Trial {} (seed {}) ended at chance level: it gives every example the same answer.{}",
          trialNumber,
          seed,
          wantsMore() ? " The next seed takes its place." : "");
    }
    if (Files.isDirectory(files.checkpoint())) {
      AtomicDirectory.delete(files.checkpoint());
    }
    listeners.forEach(listener -> listener.onTrialEnd(this, result));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, Map<String, Double>> scores(List<Evaluation> evaluations) {
    Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
    for (int i = 0; i < evaluations.size(); i++) {
      scores.put(setup.tasks().get(i).name(), evaluations.get(i).scores());
    }
    return scores;
  }

  /** Returns the mean over tasks of the metric to choose by. */
  static double main(List<Evaluation> evaluations) {
    return evaluations.stream().mapToDouble(Evaluation::main).average().orElse(Double.NaN);
  }

  private FinetuningResult finish() throws IOException {
    boolean interrupted = Thread.interrupted();
    boolean complete = !wantsMore();
    FinetuningResult result =
        new FinetuningResult(
            trials.isEmpty() ? files.output() : files.model(),
            trials,
            ensemble(),
            complete ? Optional.empty() : Optional.ofNullable(stopReason));
    if (!trials.isEmpty()) {
      Path best = files.trial(best(result));
      AtomicDirectory.write(files.model(), folder -> RunSetup.copyModel(best, folder));
    }
    if (complete) {
      FinetuningFiles.JSON.write(files.result(), setup.summary(result, backend));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  private static int best(FinetuningResult result) {
    return result.counted().stream()
        .max(Comparator.comparingDouble(t -> Double.isNaN(t.main()) ? -Double.MAX_VALUE : t.main()))
        .orElseThrow()
        .trial();
  }

  private Map<String, Map<String, Double>> ensemble() {
    Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
    if (trialLogits.size() < 2 || trialLogits.size() < config.trials()) {
      return scores;
    }
    for (int task = 0; task < setup.tasks().size(); task++) {
      int number = task;
      List<List<float[]>> all = trialLogits.stream().map(logits -> logits.get(number)).toList();
      TaskSetup<?, ?> of = setup.tasks().get(task);
      scores.put(of.name(), of.evaluateDev(of.adapter().ensemble(all)).scores());
    }
    return scores;
  }

  private boolean isStopping() {
    if (Thread.currentThread().isInterrupted()) {
      stop("interrupted");
    }
    return stopReason != null;
  }

  @Override
  public void step(FinetuningProgress progress) {
    listeners.forEach(listener -> listener.onTrainingBatch(this, progress));
  }

  @Override
  public void evaluated(List<Evaluation> evaluations) {
    listeners.forEach(listener -> listener.onValidation(this, evaluations));
  }

  @Override
  public FinetuningConfig config() {
    return config;
  }

  @Override
  public Path output() {
    return files.output();
  }

  @Override
  public int trial() {
    return trialNumber;
  }

  @Override
  public long steps() {
    return plan.steps();
  }

  @Override
  public long step() {
    return trial.state().step();
  }

  @Override
  public String deviceDescription() {
    return backend.device() + " (" + backend.description() + "), " + backend.precision();
  }

  @Override
  public long plannedBytes() {
    return plannedBytes;
  }

  @Override
  public void stop(String reason) {
    if (stopReason == null) {
      stopReason = reason;
    }
  }
}
