package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.QueuedStep;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.LoadReport;
import org.electra4j.model.PackedBatch;
import org.electra4j.model.TaskCheckpoint;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.electra4j.optim.LayerwiseRates;
import org.electra4j.optim.LearningRateSchedule;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;

/** Networks, optimizer and arena of one trial: turns batches into updates. */
final class FinetuningStep implements AutoCloseable {
  private static final String ELECTRA = "electra.";

  private final FinetuningConfig config;
  private final Backend backend;
  private final long seed;
  private final ParameterStore store;
  private final List<TaskSetup<?, ?>> tasks;
  private final List<TaskNetwork> networks;
  private final FinetuningPlan plan;
  private final LogitsRunner runner;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final Arena arena;

  /**
   * What an update gave.
   *
   * @param loss mean over what was counted
   * @param finite whether loss and gradients were
   * @param taken whether parameters changed: on a device that queues steps only the gradients
   *     decide, as it cannot ask the host
   */
  record Update(
      double loss,
      double learningRate,
      double gradNorm,
      int tokens,
      boolean finite,
      boolean taken) {}

  /**
   * An update that was handed to the backend.
   *
   * @param isQueued whether the backend may still work on it
   * @param figures waits for what it gave
   */
  record Handed(boolean isQueued, Supplier<Update> figures) {}

  FinetuningStep(
      Backend backend,
      FinetuningConfig config,
      ElectraConfig model,
      List<TaskSetup<?, ?>> tasks,
      long steps,
      long seed) {
    this.backend = backend;
    this.config = config;
    this.tasks = tasks;
    this.seed = seed;
    this.store = new ParameterStore(backend);
    this.networks = networks(store, model, tasks);
    this.plan =
        FinetuningPlan.of(backend, config, model, tasks, config.batchSize())
            .requireRoom(backend, config, model, tasks);
    backend.reserve(plan.bytes(), plan.scratchBytes());
    store.allocate(true);
    this.runner = new LogitsRunner(backend);
    this.arena = Arena.allocate(backend, plan.arenaBytes());
    this.optimizer = optimizer(store, config, model);
    Recipe recipe = Recipe.of(config, model);
    this.schedule =
        LearningRateSchedule.polynomial(
            recipe.learningRate(), steps, Math.round(steps * config.warmupShare()), 1);
  }

  static List<TaskNetwork> networks(
      ParameterStore store, ElectraConfig model, List<TaskSetup<?, ?>> tasks) {
    ElectraModel electra = new ElectraModel(store, ELECTRA, model);
    List<TaskNetwork> networks = new ArrayList<>();
    for (TaskSetup<?, ?> task : tasks) {
      String prefix = tasks.size() == 1 ? "" : "task_specific." + task.name() + ".";
      networks.add(
          new TaskNetwork(
              electra, task.description().createHead(store, prefix), prefix, networks.size()));
    }
    return networks;
  }

  static AdamW optimizer(ParameterStore store, FinetuningConfig config, ElectraConfig model) {
    return new AdamW(store, options(config), rates(config, Recipe.of(config, model), model));
  }

  private static AdamW.Options options(FinetuningConfig config) {
    AdamW.Options reference = AdamW.Options.electra();
    return new AdamW.Options(
        reference.beta1(),
        reference.beta2(),
        (float) config.epsilon(),
        (float) config.weightDecay(),
        (float) config.maxGradNorm(),
        config.biasCorrection());
  }

  private static ToDoubleFunction<String> rates(
      FinetuningConfig config, Recipe recipe, ElectraConfig model) {
    int layers = model.numHiddenLayers();
    LayerwiseRates rates =
        new LayerwiseRates(recipe.layerwiseDecay(), layers, config.correctedLayerwiseDecay());
    int frozen = config.frozenLayers();
    if (frozen > layers) {
      throw new IllegalArgumentException(
          "frozenLayers is " + frozen + ", but the model has " + layers + " layers.");
    }
    return name -> isFrozen(name, frozen) ? 0 : rates.applyAsDouble(name);
  }

  private static boolean isFrozen(String name, int frozen) {
    if (frozen == ElectraModel.TRAIN_ALL) {
      return false;
    }
    if (name.startsWith(ELECTRA + "embeddings")) {
      return true;
    }
    for (int layer = 0; layer < frozen; layer++) {
      if (name.startsWith(ELECTRA + "encoder.layer." + layer + ".")) {
        return true;
      }
    }
    return false;
  }

  /** Computes the gradients of a batch; see {@link TaskLoss#queue}. */
  static Supplier<TaskLoss.Outcome> run(
      Context c,
      FinetuningConfig config,
      TaskNetwork network,
      TaskSetup<?, ?> task,
      TaskSetup.Batch batch) {
    PackedBatch packed = Packing.upload(c, batch.inputs());
    float scale = config.meanLoss() ? 1f / Math.max(1, count(batch.targets())) : 1;
    return TaskLoss.queue(
        c, network, packed, batch.targets(), task.classWeights(), scale, config.frozenLayers());
  }

  /** Returns how many rows or sequences have a target. */
  private static long count(Targets targets) {
    if (targets instanceof Targets.Classes classes) {
      return Arrays.stream(classes.labels()).filter(label -> label >= 0).count();
    }
    if (targets instanceof Targets.Spans spans) {
      return spans.starts().length;
    }
    if (targets instanceof Targets.JointSpans spans) {
      return spans.starts().length;
    }
    return targets instanceof Targets.Numbers numbers
        ? numbers.values().length
        : ((Targets.Labels) targets).rows();
  }

  ParameterStore store() {
    return store;
  }

  /** Returns the bytes of parameters, optimizer, arena and scratch. */
  long plannedBytes() {
    return plan.bytes();
  }

  /** Sets initial values by the seed, and those of the model's files unless from scratch. */
  LoadReport initialize(Path model) throws IOException {
    store.initialize(seed);
    return config.fromScratch() ? null : TaskCheckpoint.loadEncoder(store, model);
  }

  /**
   * Hands one optimizer step to the backend. The figures of a step that is queued must be taken
   * before the step after the next is handed over.
   *
   * @param step number of the step, from 0
   * @param updates updates taken before, for bias correction
   */
  Handed hand(int task, TaskSetup.Batch batch, long step, long updates) {
    TaskSetup<?, ?> setup = tasks.get(task);
    boolean queued =
        TaskLoss.isQueueable(batch.targets(), setup.classWeights()) && backend.beginStep();
    double rate = schedule.rate(step);
    int tokens = batch.inputs().stream().mapToInt(input -> input.ids().length).sum();
    Supplier<TaskLoss.Outcome> outcome;
    DoubleSupplier norm;
    try {
      arena.begin(plan.training().get(task));
      Context c = Context.training(backend, arena, seed, step);
      outcome = run(c, config, networks.get(task), setup, batch);
      norm = optimizer.queueGradientNorm();
      if (queued) {
        optimizer.update(rate, updates); // changes nothing when the norm is not finite
      }
    } catch (RuntimeException | Error e) {
      if (queued) {
        QueuedStep.abandon(backend, e);
      }
      throw e;
    }
    if (queued) {
      QueuedStep handed = backend.endStep();
      return new Handed(
          true,
          () -> {
            handed.await();
            double gradNorm = norm.getAsDouble();
            boolean taken = Double.isFinite(gradNorm);
            double loss = mean(outcome.get());
            return new Update(loss, rate, gradNorm, tokens, taken && Double.isFinite(loss), taken);
          });
    }
    Update update = updateNow(mean(outcome.get()), norm.getAsDouble(), rate, tokens, updates);
    return new Handed(false, () -> update);
  }

  private Update updateNow(double loss, double norm, double rate, int tokens, long updates) {
    boolean finite = Double.isFinite(loss) && Double.isFinite(norm);
    if (finite) {
      optimizer.update(rate, updates);
    } else {
      optimizer.discardGradients();
    }
    return new Update(loss, rate, norm, tokens, finite, finite);
  }

  private static double mean(TaskLoss.Outcome outcome) {
    return outcome.loss() / Math.max(1, outcome.counted());
  }

  /** Returns scores on the held-out examples of a task. */
  Evaluation evaluate(int task) {
    return tasks.get(task).evaluateDev(logits(task));
  }

  /** Returns the logits of the held-out sequences of a task. */
  List<float[]> logits(int task) {
    List<? extends ModelInput> inputs = tasks.get(task).dev().stream().map(Item::input).toList();
    return runner.logits(networks.get(task), arena, plan.logits().get(task), inputs);
  }

  /** Writes the model of a task. */
  void save(int task, Path directory) throws IOException {
    TaskSetup<?, ?> setup = tasks.get(task);
    setup
        .adapter()
        .whileInOwnUnits(
            store,
            networks.get(task),
            () -> TaskCheckpoint.save(networks.get(task), setup.description(), store, directory));
  }

  @Override
  public void close() {
    optimizer.close();
    arena.close();
    store.close();
  }
}
