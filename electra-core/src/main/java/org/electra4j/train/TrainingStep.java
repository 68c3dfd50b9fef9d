package org.electra4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.electra4j.PretrainingConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.QueuedStep;
import org.electra4j.data.PretrainingBatch;
import org.electra4j.model.ElectraPretraining;
import org.electra4j.model.MaskingOptions;
import org.electra4j.model.PretrainingNetworks;
import org.electra4j.model.PretrainingOutputs;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.ParameterStore.Slot;
import org.electra4j.optim.AdamW;
import org.electra4j.optim.LearningRateSchedule;
import org.electra4j.tensor.Arena;
import org.electra4j.text.Vocabulary;

/** Networks, optimizer and step arena of a run: turns batches into updates. */
final class TrainingStep implements AutoCloseable {
  private final PretrainingConfig config;
  private final Backend backend;
  private final ParameterStore store;
  private final PretrainingNetworks networks;
  private final ElectraPretraining pretraining;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final Arena arena;
  private final Arena.Plan trainingPlan;
  private final Arena.Plan evaluationPlan;
  private final long plannedBytes;

  /**
   * What an update gave.
   *
   * @param finite whether losses and gradients were
   * @param taken whether parameters changed: on a device that queues steps only the gradients
   *     decide, as it cannot ask the host
   * @param culprit what was not finite
   */
  record Update(
      List<PretrainingOutputs> outputs,
      double learningRate,
      double gradNorm,
      boolean finite,
      boolean taken,
      String culprit) {}

  /**
   * An update that was handed to the backend.
   *
   * @param isQueued whether the backend may still work on it
   * @param figures waits for what it gave
   */
  record Handed(boolean isQueued, Supplier<Update> figures) {}

  TrainingStep(Backend backend, PretrainingConfig config, Vocabulary vocabulary) {
    this.config = config;
    this.backend = backend;
    this.store = new ParameterStore(backend);
    this.networks = networks(store, config, vocabulary);
    this.pretraining = pretraining(networks, config, vocabulary);
    StepPlan plan =
        StepPlan.of(backend, config, vocabulary, config.batchSize())
            .requireRoom(backend, config, vocabulary);
    this.plannedBytes = plan.bytes();
    this.trainingPlan = plan.training();
    this.evaluationPlan = plan.evaluation();
    backend.reserve(plan.bytes(), plan.scratchBytes());
    store.allocate(true);
    this.arena = Arena.allocate(backend, plan.arenaBytes());
    this.optimizer = optimizer(store, config);
    this.schedule =
        LearningRateSchedule.polynomial(
            config.learningRate(), config.steps(), config.warmupSteps(), config.decayPower());
  }

  static PretrainingNetworks networks(
      ParameterStore store, PretrainingConfig config, Vocabulary vocabulary) {
    int size = vocabulary.size();
    int pad = vocabulary.padId();
    return new PretrainingNetworks(
        store,
        config.objective(),
        config.tying(),
        config.model().withVocabSize(size).withPadTokenId(pad),
        config.objective().hasGenerator()
            ? config.generatorConfig(size).withPadTokenId(pad)
            : null);
  }

  static ElectraPretraining pretraining(
      PretrainingNetworks networks, PretrainingConfig config, Vocabulary vocabulary) {
    MaskingOptions masking =
        new MaskingOptions(
            (float) config.maskProb(),
            (float) config.maskTokenProb(),
            config.maskWithReplacement(),
            (float) config.temperature(),
            config.seqLength(),
            vocabulary.clsId(),
            vocabulary.sepId(),
            vocabulary.maskId());
    return new ElectraPretraining(
        networks, masking, (float) config.generatorWeight(), (float) config.discriminatorWeight());
  }

  static AdamW optimizer(ParameterStore store, PretrainingConfig config) {
    return new AdamW(
        store,
        new AdamW.Options(
            (float) config.beta1(),
            (float) config.beta2(),
            (float) config.epsilon(),
            (float) config.weightDecay(),
            (float) config.maxGradNorm(),
            config.biasCorrection()));
  }

  ParameterStore store() {
    return store;
  }

  PretrainingNetworks networks() {
    return networks;
  }

  /** Returns the bytes of parameters, optimizer, arena and scratch. */
  long plannedBytes() {
    return plannedBytes;
  }

  /**
   * Hands one optimizer step on {@code gradientAccumulation} batches to the backend. The figures of
   * a step that is queued must be taken before the step after the next is handed over.
   *
   * @param step number of the step, from 0
   * @param updates updates taken before, for bias correction
   */
  Handed hand(List<PretrainingBatch> batches, long step, long updates) {
    boolean queued = backend.beginStep();
    List<Supplier<PretrainingOutputs>> outputs = new ArrayList<>();
    double rate = schedule.rate(step);
    DoubleSupplier norm;
    try {
      float scale = 1f / batches.size();
      for (int i = 0; i < batches.size(); i++) {
        arena.begin(trainingPlan);
        long position = step * batches.size() + i;
        Context context = Context.training(backend, arena, config.seed(), position);
        outputs.add(queue(context, batches.get(i), scale));
      }
      norm = optimizer.queueGradientNorm();
      if (queued) {
        optimizer.update(rate, updates); // changes nothing when the norm is not finite
      }
    } catch (RuntimeException | Error e) {
      QueuedStep.abandon(backend, e);
      throw e;
    }
    QueuedStep handed = backend.endStep();
    if (queued) {
      return new Handed(true, () -> figures(handed, outputs, rate, norm));
    }
    Update update = updateNow(outputs, rate, norm.getAsDouble(), updates);
    return new Handed(false, () -> update);
  }

  private static Update figures(
      QueuedStep step,
      List<Supplier<PretrainingOutputs>> queued,
      double rate,
      DoubleSupplier queuedNorm) {
    step.await();
    List<PretrainingOutputs> outputs = queued.stream().map(Supplier::get).toList();
    double norm = queuedNorm.getAsDouble();
    boolean finite = isFinite(outputs);
    boolean taken = Double.isFinite(norm);
    String culprit = taken ? "the loss" : "the sum of squared gradients";
    return new Update(outputs, rate, norm, finite && taken, taken, culprit);
  }

  private Update updateNow(
      List<Supplier<PretrainingOutputs>> done, double rate, double norm, long updates) {
    List<PretrainingOutputs> outputs = done.stream().map(Supplier::get).toList();
    boolean finiteLoss = isFinite(outputs);
    if (finiteLoss && Double.isFinite(norm)) {
      optimizer.update(rate, updates);
      return new Update(outputs, rate, norm, true, true, "");
    }
    String culprit = finiteLoss ? firstNonFiniteGradient() : "the loss";
    optimizer.discardGradients();
    return new Update(outputs, rate, norm, false, false, culprit);
  }

  private static boolean isFinite(List<PretrainingOutputs> outputs) {
    return outputs.stream()
        .allMatch(output -> Double.isFinite(output.generatorLoss() + output.mainLoss()));
  }

  private String firstNonFiniteGradient() {
    for (Parameter parameter : store.parameters()) {
      for (float value : store.read(parameter, Slot.GRADIENT)) {
        if (!Float.isFinite(value)) {
          return "the gradient of " + parameter.name();
        }
      }
    }
    return "the sum of squared gradients";
  }

  /** Returns what a held-out batch gives; masks and samples are those of the batch's number. */
  PretrainingOutputs evaluate(PretrainingBatch batch, long number) {
    arena.begin(evaluationPlan);
    return queue(Context.inference(backend, arena, config.seed() + 1, number), batch, 1).get();
  }

  private Supplier<PretrainingOutputs> queue(Context context, PretrainingBatch batch, float scale) {
    return pretraining.queue(
        context,
        batch.inputIds(),
        batch.tokenTypeIds(),
        batch.positionIds(),
        batch.cuSeqlens(),
        scale);
  }

  @Override
  public void close() {
    optimizer.close();
    arena.close();
    store.close();
  }
}
