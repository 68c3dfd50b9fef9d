package org.electra4j.finetune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.MeasuringBackend;
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
  private final List<TaskNetwork> networks = new ArrayList<>();
  private final List<Arena.Plan> plans = new ArrayList<>();
  private final LogitsRunner runner;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final Arena arena;

  /** What an update gave: the mean loss, and whether loss and gradients were finite. */
  record Update(double loss, double learningRate, double gradNorm, int tokens, boolean finite) {}

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
    ElectraModel electra = new ElectraModel(store, ELECTRA, model);
    for (TaskSetup<?, ?> task : tasks) {
      String prefix = tasks.size() == 1 ? "" : "task_specific." + task.name() + ".";
      networks.add(
          new TaskNetwork(
              electra, task.description().createHead(store, prefix), prefix, networks.size()));
    }
    store.allocate(true);
    this.runner = new LogitsRunner(backend);
    long bytes = 0;
    for (int i = 0; i < tasks.size(); i++) {
      plans.add(trainingPlan(i));
      runner.plan(networks.get(i), model.maxPositionEmbeddings());
      bytes = Math.max(bytes, Math.max(plans.get(i).bytes(), runner.bytes()));
    }
    this.arena = Arena.allocate(backend, bytes);
    Recipe recipe = Recipe.of(config, model);
    this.optimizer = new AdamW(store, options(config), rates(config, recipe, model));
    this.schedule =
        LearningRateSchedule.polynomial(
            recipe.learningRate(), steps, Math.round(steps * config.warmupShare()), 1);
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

  private Arena.Plan trainingPlan(int task) {
    Arena measuring = Arena.measuring();
    Context c = Context.training(MeasuringBackend.of(backend), measuring, 0, 0);
    run(c, task, tasks.get(task).largestBatch(config.batchSize()));
    return measuring.plan();
  }

  private TaskLoss.Outcome run(Context c, int task, TaskSetup.Batch batch) {
    PackedBatch packed = Packing.upload(c, batch.inputs());
    float scale = config.meanLoss() ? 1f / Math.max(1, count(batch.targets())) : 1;
    return TaskLoss.train(
        c,
        networks.get(task),
        packed,
        batch.targets(),
        tasks.get(task).classWeights(),
        scale,
        config.frozenLayers());
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

  /** Returns the bytes of parameters, optimizer and arena. */
  long plannedBytes() {
    return store.bytes(true) + arena.capacity();
  }

  /** Sets initial values by the seed, and those of the model's files unless from scratch. */
  LoadReport initialize(Path model) throws IOException {
    store.initialize(seed);
    return config.fromScratch() ? null : TaskCheckpoint.loadEncoder(store, model);
  }

  /** Takes one optimizer step. */
  Update update(int task, TaskSetup.Batch batch, long step, long updates) {
    arena.begin(plans.get(task));
    Context c = Context.training(backend, arena, seed, step);
    TaskLoss.Outcome outcome = run(c, task, batch);
    double norm = optimizer.gradientNorm();
    double rate = schedule.rate(step);
    double loss = outcome.loss() / Math.max(1, outcome.counted());
    boolean finite = Double.isFinite(loss) && Double.isFinite(norm);
    if (finite) {
      optimizer.update(rate, updates);
    } else {
      optimizer.discardGradients();
    }
    int tokens = batch.inputs().stream().mapToInt(input -> input.ids().length).sum();
    return new Update(loss, rate, norm, tokens, finite);
  }

  /** Returns scores on the held-out examples of a task. */
  Evaluation evaluate(int task) {
    return tasks.get(task).evaluateDev(logits(task));
  }

  /** Returns the logits of the held-out sequences of a task. */
  List<float[]> logits(int task) {
    List<? extends ModelInput> inputs = tasks.get(task).dev().stream().map(Item::input).toList();
    return runner.logits(networks.get(task), arena, task, inputs);
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
