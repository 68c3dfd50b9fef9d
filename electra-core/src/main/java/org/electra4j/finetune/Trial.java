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
    long begin = System.nanoTime();
    long tokens = 0;
    while (state.step() < plan.steps()) {
      if (stopping.getAsBoolean()) {
        return false;
      }
      FinetuningStep.Update update = update();
      tokens += update.tokens();
      long done = state.step();
      boolean logged = done % config.logEvery() == 0 || done == plan.steps();
      double rate = tokens / Math.max(1e-9, (System.nanoTime() - begin) * 1e-9);
      report(update, logged, rate);
      boolean evaluate = done == plan.steps() || done % interval == 0 && isWorthIt(interval);
      if (evaluate && evaluateAndEnd()) {
        break;
      }
      if (logged || evaluate) {
        begin = System.nanoTime();
        tokens = 0;
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

  private FinetuningStep.Update update() {
    long begin = System.nanoTime();
    int task = plan.task(state.step());
    TaskSetup.Batch batch = tasks.get(task).batch(plan.sequences(state.step()));
    FinetuningStep.Update update = step.update(task, batch, state.step(), state.updates());
    state = state.after(update.finite(), update.tokens(), (System.nanoTime() - begin) * 1e-9);
    return update;
  }

  private void report(FinetuningStep.Update update, boolean logged, double rate) {
    watcher.step(
        new FinetuningProgress(
            tasks.get(plan.task(state.step() - 1)).name(),
            state.step(),
            logged,
            update.loss(),
            update.learningRate(),
            update.gradNorm(),
            rate,
            !update.finite()));
    skippedInARow = update.finite() ? 0 : skippedInARow + 1;
    if (!update.finite()) {
      LOG.warn("Step {} was skipped: loss or gradient is not finite", state.step());
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
