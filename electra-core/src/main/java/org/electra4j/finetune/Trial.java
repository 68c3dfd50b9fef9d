package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.train.NonFiniteException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One trial: the loop over its steps, its evaluations and its early end. */
final class Trial {
  private static final Logger LOG = LoggerFactory.getLogger(Trial.class);
  private static final int MOST_SKIPPED_IN_A_ROW = 10;

  /** What the loop tells its run. */
  interface Watcher {
    void step(FinetuningProgress progress);

    void evaluated(List<Evaluation> evaluations);
  }

  private final FinetuningConfig config;
  private final List<TaskSetup<?, ?>> tasks;
  private final FinetuningStep step;
  private final BatchPlan plan;
  private final Watcher watcher;
  private TrialState state;
  private List<Evaluation> evaluations = List.of();
  private long evaluatedStep = -1;
  private Map<Parameter, float[]> bestWeights;
  private List<Evaluation> bestEvaluations;
  private double best = Double.NaN;
  private int withoutImprovement;
  private int skippedInARow;
  private long meterBegin;
  private long meterTokens;

  /**
   * The step that the device works on while its figures are on their way, or null. {@link #state}
   * is that of the step before it.
   */
  private Running running;

  /**
   * @param seconds that handing it over took
   */
  private record Running(FinetuningStep.Handed step, double seconds) {}

  Trial(
      FinetuningConfig config,
      List<TaskSetup<?, ?>> tasks,
      FinetuningStep step,
      BatchPlan plan,
      TrialState state,
      Watcher watcher) {
    this.config = config;
    this.tasks = tasks;
    this.step = step;
    this.plan = plan;
    this.state = state;
    this.watcher = watcher;
  }

  TrialState state() {
    return state;
  }

  /** Returns the last evaluation of each task. */
  List<Evaluation> evaluations() {
    return evaluations;
  }

  /** Takes all steps; returns false when it was stopped before the last. */
  boolean run(BooleanSupplier stopping) {
    long interval = interval();
    meterBegin = System.nanoTime();
    while (state.step() < plan.steps()) {
      if (stopping.getAsBoolean()) {
        settle();
        return false;
      }
      step(interval);
      if (running != null) {
        continue; // nothing is due but the next step
      }
      long done = state.step();
      boolean evaluate = done == plan.steps() || done % interval == 0 && isWorthIt(interval);
      if (evaluate && evaluateAndEnd()) {
        break;
      }
      if (evaluate || isLogged(done)) {
        meterBegin = System.nanoTime();
        meterTokens = 0;
      }
    }
    keepBest();
    return true;
  }

  private long interval() {
    if (config.evalEvery() > 0) {
      return config.evalEvery();
    }
    double epochs = tasks.stream().mapToDouble(TaskSetup::epochs).max().orElse(1);
    return Math.max(1, Math.round(plan.steps() / Math.max(1, epochs)));
  }

  /** An epoch that ends just before the last step needs no evaluation of its own. */
  private boolean isWorthIt(long interval) {
    return config.evalEvery() > 0 || plan.steps() - state.step() >= (interval + 1) / 2;
  }

  private boolean isLogged(long step) {
    return step % config.logEvery() == 0 || step == plan.steps();
  }

  private void step(long interval) {
    if (running != null && config.biasCorrection()) {
      settle(); // the correction depends on whether it was taken
    }
    long begin = System.nanoTime();
    TrialState ahead = running == null ? state : state.after(true, 0, 0);
    int task = plan.task(ahead.step());
    TaskSetup.Batch batch = tasks.get(task).batch(plan.sequences(ahead.step()));
    FinetuningStep.Handed handed = step.hand(task, batch, ahead.step(), ahead.updates());
    Running before = running;
    running = new Running(handed, seconds(begin));
    if (before != null) {
      settle(before); // while this one runs
    }
    long number = ahead.step() + 1;
    if (!handed.isQueued() || isLogged(number) || number % interval == 0) {
      settle();
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) * 1e-9;
  }

  /** Waits for the running step, if there is one, and tells the run what it gave. */
  private void settle() {
    if (running != null) {
      Running last = running;
      running = null;
      settle(last);
    }
  }

  private void settle(Running last) {
    long begin = System.nanoTime();
    FinetuningStep.Update update = last.step().figures().get();
    state = state.after(update.taken(), update.tokens(), last.seconds() + seconds(begin));
    meterTokens += update.tokens();
    report(update);
  }

  private void report(FinetuningStep.Update update) {
    watcher.step(
        new FinetuningProgress(
            tasks.get(plan.task(state.step() - 1)).name(),
            state.step(),
            isLogged(state.step()),
            update.loss(),
            update.learningRate(),
            update.gradNorm(),
            meterTokens / Math.max(1e-9, seconds(meterBegin)),
            !update.taken()));
    skippedInARow = update.finite() ? 0 : skippedInARow + 1;
    if (!update.finite()) {
      LOG.warn(
          "Step {} was {}: loss or gradient is not finite",
          state.step(),
          update.taken() ? "taken nonetheless" : "skipped");
    }
    if (skippedInARow >= MOST_SKIPPED_IN_A_ROW) {
      throw new NonFiniteException(
          "Fine-tuning has diverged: loss or gradient was not finite in "
              + skippedInARow
              + " steps in a row, the last being step "
              + state.step()
              + "; try a lower learning rate.");
    }
  }

  /** Returns whether the trial ends here because its score no longer improves. */
  private boolean evaluateAndEnd() {
    evaluate();
    if (config.patience() == 0) {
      return false;
    }
    double score = Finetuner.main(evaluations);
    if (Double.isFinite(score) && (Double.isNaN(best) || score > best)) {
      best = score;
      withoutImprovement = 0;
      bestWeights = new LinkedHashMap<>();
      step.store().parameters().forEach(p -> bestWeights.put(p, step.store().read(p)));
      bestEvaluations = evaluations;
      return false;
    }
    withoutImprovement++;
    return withoutImprovement >= config.patience();
  }

  private void keepBest() {
    if (bestWeights != null && evaluations != bestEvaluations) {
      bestWeights.forEach(
          (parameter, values) -> step.store().write(parameter, Slot.MASTER, values));
      step.store().refreshWorkingCopy();
      evaluations = bestEvaluations;
    }
    if (evaluatedStep < 0) {
      evaluate(); // resumed after its last step
    }
  }

  private void evaluate() {
    List<Evaluation> now = new ArrayList<>();
    for (int task = 0; task < tasks.size(); task++) {
      now.add(step.evaluate(task));
    }
    evaluations = now;
    evaluatedStep = state.step();
    watcher.evaluated(now);
  }

  /** Writes the models of all tasks. */
  void save(Path directory, Finetuner.TokenizerWriter tokenizer) throws IOException {
    for (int task = 0; task < tasks.size(); task++) {
      Path folder = tasks.size() == 1 ? directory : directory.resolve(tasks.get(task).name());
      Files.createDirectories(folder);
      step.save(task, folder);
      tokenizer.write(folder);
    }
  }
}
