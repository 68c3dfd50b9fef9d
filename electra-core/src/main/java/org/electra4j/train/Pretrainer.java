package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.data.BatchPrefetcher;
import org.electra4j.data.HeldOutData;
import org.electra4j.data.PretrainingBatch;
import org.electra4j.io.AtomicDirectory;
import org.electra4j.io.CheckpointDirectory;
import org.electra4j.io.RunLock;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.LoadReport;
import org.electra4j.model.PretrainingOutputs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pre-training loop. One object is one process of one run; a run may have several, each
 * resuming where the last checkpoint of the one before lies.
 */
public final class Pretrainer implements TrainingSession {
  private static final Logger log = LoggerFactory.getLogger(Pretrainer.class);
  private static final int MOST_SKIPPED_IN_A_ROW = 10;
  private static final int BATCHES_AHEAD = 4;

  private final RunFiles files;
  private final List<TrainingListener> listeners;
  private PretrainingConfig config;
  private volatile TrainingStep training;
  private RunData data;
  private Backend backend;
  private TrainingState state = TrainingState.initial();
  private double seconds;
  private long firstStep;
  private int skippedInARow;
  private long savedStep = -1;
  private List<LoadReport> initialization = List.of();
  private OptionalLong expectedPeakBytes = OptionalLong.empty();
  private volatile String stopReason;

  /**
   * The step that the device works on while its figures are on their way, or null. {@link #state}
   * is that of the step before it.
   */
  private Running running;

  private record Running(TrainingStep.Handed step, long tokens) {}

  private Pretrainer(PretrainingConfig config, List<TrainingListener> listeners) {
    this.config = config;
    this.files = new RunFiles(config.output());
    this.listeners = withCollapseWarning(listeners);
  }

  private static List<TrainingListener> withCollapseWarning(List<TrainingListener> given) {
    List<TrainingListener> all = new ArrayList<>(given);
    if (given.stream().noneMatch(CollapseListener.class::isInstance)) {
      all.add(TrainingListeners.collapseWarning());
    }
    return List.copyOf(all);
  }

  /**
   * Runs a new run from its first step.
   *
   * @throws IOException when a file cannot be read or written, another process trains in the output
   *     folder, or it holds a run or a model already
   * @throws IllegalArgumentException when the data do not fit the configuration
   */
  public static PretrainingResult start(PretrainingConfig config, List<TrainingListener> listeners)
      throws IOException {
    return new Pretrainer(config, listeners).locked(false);
  }

  /**
   * Continues a run from its newest checkpoint, or from the beginning when there is none yet. The
   * result is the same as if it had never stopped.
   *
   * @param output folder of the run
   * @param threads worker threads of this process, or empty for as many as before
   */
  public static PretrainingResult resume(
      Path output, Optional<Integer> threads, List<TrainingListener> listeners) throws IOException {
    PretrainingConfig saved = new RunFiles(output).readConfig();
    PretrainingConfig config =
        threads.isPresent() ? saved.toBuilder().threads(threads.get()).build() : saved;
    return new Pretrainer(config, listeners).locked(true);
  }

  private PretrainingResult locked(boolean resume) throws IOException {
    boolean interrupted = false;
    try (RunLock lock = RunLock.acquire(files.output());
        ShutdownGuard guard = new ShutdownGuard(this::stop, () -> training == null)) {
      if (!resume) {
        files.requireNew();
      }
      PretrainingResult result = run(resume);
      interrupted = Thread.interrupted(); // an interrupt would close the channels that still work
      return result;
    } catch (InterruptedException e) {
      interrupted = true;
      return result(files.output(), "interrupted while preparing");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private PretrainingResult run(boolean resume) throws IOException, InterruptedException {
    Optional<Path> checkpoint = resume ? newestCheckpoint() : Optional.empty();
    if (!resume && config.initializeFrom() != null) {
      config = InitialModel.adopt(config);
    }
    try (RunData opened = RunData.open(config, files, listeners);
        Backend created =
            ProfileListener.profiled(
                Backends.create(config.device(), config.precision(), config.threads()),
                listeners)) {
      data = opened;
      backend = created;
      // A run keeps the precision it began with, wherever it is resumed.
      config = config.toBuilder().precision(created.precision()).build();
      if (!resume) {
        files.writeConfig(config);
      }
      OptionalLong resident = ProcessMemory.resident();
      try (TrainingStep opening = new TrainingStep(created, config, opened.vocabulary())) {
        training = opening;
        expectedPeakBytes = expectedPeak(resident);
        load(checkpoint);
        return trainAndFinish();
      }
    }
  }

  private Optional<Path> newestCheckpoint() throws IOException {
    files.checkpoints().recover();
    AtomicDirectory.recover(files.model());
    return Files.isDirectory(files.model())
        ? Optional.of(files.model())
        : files.checkpoints().latest();
  }

  private void load(Optional<Path> checkpoint) throws IOException {
    if (checkpoint.isPresent()) {
      state = Checkpoint.read(checkpoint.get(), training.networks(), training.store());
      seconds = Checkpoint.seconds(checkpoint.get());
      savedStep = state.step();
      log.info("Resuming at step {} from {}", state.step(), checkpoint.get());
    } else {
      DiskCheck.warn(files.output(), config, training.store());
      training.store().initialize(config.seed());
      if (config.initializeFrom() != null) {
        initialization =
            ElectraCheckpoint.load(training.networks(), training.store(), config.initializeFrom());
        initialization.forEach(report -> log.info("Initialised from {}", report.summary()));
      }
    }
    firstStep = state.step();
    log.info("{}", ProgressText.memory(this));
  }

  /** A backend that does not count its memory shares that of the process. */
  private OptionalLong expectedPeak(OptionalLong residentBefore) {
    long planned = backend.freeBytes() == Long.MAX_VALUE ? plannedBytes() : 0;
    return ProcessMemory.expectedPeak(residentBefore, planned);
  }

  private PretrainingResult trainAndFinish() throws IOException {
    try {
      listeners.forEach(listener -> listener.onTrainingBegin(this));
      train();
      return finish();
    } finally {
      listeners.forEach(listener -> listener.onTrainingEnd(this));
    }
  }

  private void train() throws IOException {
    long firstBatch = state.step() * config.gradientAccumulation();
    try (BatchPrefetcher prefetcher =
        new BatchPrefetcher(data.batches(), firstBatch, BATCHES_AHEAD)) {
      IntervalMeter meter = new IntervalMeter();
      try {
        trainUntilStopped(prefetcher, meter);
      } catch (InterruptedException e) {
        stop("interrupted");
        Thread.currentThread().interrupt();
      }
      settle(meter, prefetcher.waitedNanos());
    } catch (RuntimeException | Error e) {
      saveAfter(e);
      throw e;
    }
  }

  private void trainUntilStopped(BatchPrefetcher prefetcher, IntervalMeter meter)
      throws IOException, InterruptedException {
    while (state.step() < config.steps() && !isStopping()) {
      step(prefetcher, meter);
      if (running != null) {
        continue; // nothing is due but the next step
      }
      long step = state.step();
      boolean last = step == config.steps();
      if (last || isDue(step, config.evalEvery())) {
        validate();
        meter.restart(prefetcher.waitedNanos());
      }
      if (!last && isDue(step, config.saveEvery())) {
        save();
        meter.restart(prefetcher.waitedNanos());
      }
    }
  }

  private static boolean isDue(long step, long every) {
    return every > 0 && step % every == 0;
  }

  private boolean isStopping() {
    if (Thread.currentThread().isInterrupted()) {
      stop("interrupted");
    }
    return stopReason != null;
  }

  private void step(BatchPrefetcher prefetcher, IntervalMeter meter) throws InterruptedException {
    long begin = System.nanoTime();
    List<PretrainingBatch> batches = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < config.gradientAccumulation(); i++) {
      PretrainingBatch batch = prefetcher.next();
      tokens += batch.tokens();
      batches.add(batch);
    }
    if (running != null && config.biasCorrection()) {
      settle(meter, prefetcher.waitedNanos()); // the correction depends on whether it was taken
    }
    TrainingState ahead = running == null ? state : state.after(true, running.tokens());
    TrainingStep.Handed handed = training.hand(batches, ahead.step(), ahead.updates());
    seconds += (System.nanoTime() - begin) * 1e-9;
    Running before = running;
    running = new Running(handed, tokens);
    if (before != null) {
      settle(before, meter, prefetcher.waitedNanos()); // while this one runs
    }
    if (!handed.isQueued() || isBoundary(ahead.step() + 1)) {
      settle(meter, prefetcher.waitedNanos());
    }
  }

  /** Returns whether somebody wants the figures or the parameters after this step. */
  private boolean isBoundary(long step) {
    return step == config.steps()
        || isDue(step, config.logEvery())
        || isDue(step, config.evalEvery())
        || isDue(step, config.saveEvery());
  }

  /** Waits for the running step, if there is one, and tells the listeners what it gave. */
  private void settle(IntervalMeter meter, long waitedNanos) {
    if (running != null) {
      Running last = running;
      running = null;
      settle(last, meter, waitedNanos);
    }
  }

  private void settle(Running step, IntervalMeter meter, long waitedNanos) {
    long before = state.step() * config.gradientAccumulation() * config.batchSize();
    TrainingStep.Update update = arrival(step);
    meter.add(step.tokens());
    report(update, meter, waitedNanos);
    guard(update);
    announceEpoch(before);
  }

  /** Waits for a step: the state is then that after it. */
  private TrainingStep.Update arrival(Running step) {
    long begin = System.nanoTime();
    TrainingStep.Update update = step.step().figures().get();
    seconds += (System.nanoTime() - begin) * 1e-9;
    state = state.after(update.taken(), step.tokens());
    return update;
  }

  private void report(TrainingStep.Update update, IntervalMeter meter, long waitedNanos) {
    long step = state.step();
    boolean logged = step % config.logEvery() == 0 || step == config.steps();
    OutputSums sums = OutputSums.of(update.outputs());
    TrainingProgress progress =
        new TrainingProgress(
            step,
            logged,
            sums.total(config),
            sums.generatorLoss(),
            sums.mainLoss(),
            sums.accuracy(),
            logged ? sums.discriminator(update.outputs()) : null,
            update.learningRate(),
            update.gradNorm(),
            meter.tokensPerSecond(),
            meter.waitShare(waitedNanos),
            !update.taken());
    listeners.forEach(listener -> listener.onTrainingBatch(this, progress));
    if (logged) {
      meter.restart(waitedNanos);
    }
  }

  private void guard(TrainingStep.Update update) {
    if (update.finite()) {
      skippedInARow = 0;
      return;
    }
    skippedInARow++;
    log.warn(
        "Step {} was {}: {} is not finite",
        state.step(),
        update.taken() ? "taken nonetheless" : "skipped",
        update.culprit());
    if (skippedInARow >= MOST_SKIPPED_IN_A_ROW) {
      throw new NonFiniteException(
          "Training has diverged: "
              + update.culprit()
              + " was not finite in "
              + skippedInARow
              + " steps in a row, the last being step "
              + state.step()
              + ". The last good state is "
              + (savedStep < 0 ? "the beginning" : "the checkpoint of step " + savedStep)
              + "; try a lower learning rate or a longer warmup.");
    }
  }

  private void announceEpoch(long examplesBefore) {
    long n = data.batches().examples();
    long now = examplesBefore + (long) config.gradientAccumulation() * config.batchSize();
    if (now / n > examplesBefore / n) {
      int epoch = (int) (now / n);
      listeners.forEach(listener -> listener.onEpoch(this, epoch));
    }
  }

  private void validate() {
    HeldOutData heldOut = data.batches().heldOut();
    int batches = (int) Math.min(heldOut.batches(), config.evalBatches());
    if (batches == 0) {
      return;
    }
    List<PretrainingOutputs> outputs = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < batches; i++) {
      PretrainingBatch batch = heldOut.batch(i);
      tokens += batch.tokens();
      outputs.add(training.evaluate(batch, i));
    }
    OutputSums sums = OutputSums.of(outputs);
    ValidationMetrics metrics =
        new ValidationMetrics(
            state.step(),
            sums.generatorLoss(),
            sums.accuracy(),
            sums.mainLoss(),
            sums.discriminator(outputs),
            tokens);
    listeners.forEach(listener -> listener.onValidationBatch(this, metrics));
  }

  private void save() throws IOException {
    CheckpointDirectory checkpoints = files.checkpoints();
    Path directory = checkpoints.save(state.step(), this::writeCheckpoint);
    checkpoints.prune(config.keepCheckpoints());
    savedStep = state.step();
    listeners.forEach(listener -> listener.onCheckpoint(this, state.step(), directory));
  }

  private void writeCheckpoint(Path directory) throws IOException {
    Checkpoint.write(
        directory,
        training.networks(),
        training.store(),
        data.vocabulary(),
        config,
        state,
        seconds);
  }

  /**
   * Keeps what was trained when a listener or a kernel failed; a diverged state is not worth
   * keeping.
   */
  private void saveAfter(Throwable failure) {
    try {
      if (running != null && !arrival(running).finite()) {
        skippedInARow++;
      }
      if (failure instanceof NonFiniteException || skippedInARow > 0 || state.step() == savedStep) {
        return;
      }
      save();
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private PretrainingResult finish() throws IOException {
    boolean complete = state.step() >= config.steps();
    if (!complete) {
      boolean interrupted = Thread.interrupted(); // an interrupt would close the channels that save
      if (state.step() != savedStep) {
        save();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return result(files.checkpoints().latest().orElse(files.output()), stopReason);
    }
    if (savedStep != state.step() || !Files.isDirectory(files.model())) {
      AtomicDirectory.write(files.model(), this::writeCheckpoint);
      savedStep = state.step();
      listeners.forEach(listener -> listener.onCheckpoint(this, state.step(), files.model()));
    }
    PretrainingResult result = result(files.model(), null);
    RunSummary.write(files.result(), result, config, backend, expectedPeakBytes);
    return result;
  }

  private PretrainingResult result(Path model, String stopped) {
    return new PretrainingResult(
        model, state.step(), state.tokens(), seconds, Optional.ofNullable(stopped));
  }

  @Override
  public PretrainingConfig config() {
    return config;
  }

  @Override
  public Path output() {
    return files.output();
  }

  @Override
  public long firstStep() {
    return firstStep;
  }

  @Override
  public long step() {
    return state.step();
  }

  @Override
  public String deviceDescription() {
    return backend.device() + " (" + backend.description() + "), " + backend.precision();
  }

  @Override
  public long parameterCount() {
    return training.store().parameterCount();
  }

  @Override
  public long plannedBytes() {
    return training.plannedBytes();
  }

  @Override
  public OptionalLong expectedPeakBytes() {
    return expectedPeakBytes;
  }

  @Override
  public List<LoadReport> initialization() {
    return initialization;
  }

  @Override
  public void stop(String reason) {
    if (stopReason == null) {
      stopReason = reason;
    }
  }
}
