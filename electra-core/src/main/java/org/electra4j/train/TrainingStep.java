package org.electra4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.electra4j.PretrainingConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.MeasuringBackend;
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
  private final int ordinaryId;
  private final ElectraPretraining pretraining;
  private final AdamW optimizer;
  private final LearningRateSchedule schedule;
  private final Arena arena;
  private final Arena.Plan trainingPlan;
  private final Arena.Plan evaluationPlan;
  private final long plannedBytes;

  /** What an update gave. */
  record Update(
      List<PretrainingOutputs> outputs,
      double learningRate,
      double gradNorm,
      boolean finite,
      String culprit) {}

  TrainingStep(Backend backend, PretrainingConfig config, Vocabulary vocabulary) {
    this.config = config;
    this.backend = backend;
    this.store = new ParameterStore(backend);
    this.networks = networks(store, config, vocabulary);
    this.pretraining = pretraining(networks, config, vocabulary);
    this.ordinaryId = vocabulary.unkId();
    store.allocate(true);
    Backend measuring = MeasuringBackend.of(backend);
    this.trainingPlan = plan(arena -> Context.training(measuring, arena, 0, 0));
    this.evaluationPlan = plan(arena -> Context.inference(measuring, arena, 0, 0));
    long stepBytes = Math.max(trainingPlan.bytes(), evaluationPlan.bytes());
    this.plannedBytes = store.bytes(true) + stepBytes;
    this.arena = Arena.allocate(backend, stepBytes);
    this.optimizer =
        new AdamW(
            store,
            new AdamW.Options(
                (float) config.beta1(),
                (float) config.beta2(),
                (float) config.epsilon(),
                (float) config.weightDecay(),
                (float) config.maxGradNorm(),
                config.biasCorrection()));
    this.schedule =
        LearningRateSchedule.polynomial(
            config.learningRate(), config.steps(), config.warmupSteps(), config.decayPower());
  }

  private static PretrainingNetworks networks(
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

  private static ElectraPretraining pretraining(
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

  /** Runs the largest possible step without computing it. */
  private Arena.Plan plan(Function<Arena, Context> contexts) {
    Arena arena = Arena.measuring();
    PretrainingBatch batch = fullBatch(config.batchSize(), config.seqLength(), ordinaryId);
    run(contexts.apply(arena), batch, 1);
    return arena.plan();
  }

  private static PretrainingBatch fullBatch(int sequences, int length, int id) {
    int tokens = Math.multiplyExact(sequences, length);
    int[] ids = new int[tokens];
    int[] positions = new int[tokens];
    int[] cuSeqlens = new int[sequences + 1];
    for (int i = 0; i < tokens; i++) {
      ids[i] = id;
      positions[i] = i % length;
    }
    for (int i = 0; i <= sequences; i++) {
      cuSeqlens[i] = i * length;
    }
    return new PretrainingBatch(ids, new int[tokens], positions, cuSeqlens);
  }

  ParameterStore store() {
    return store;
  }

  PretrainingNetworks networks() {
    return networks;
  }

  /** Returns the bytes of parameters, optimizer and arena. */
  long plannedBytes() {
    return plannedBytes;
  }

  /** Takes one optimizer step on {@code gradientAccumulation} batches. */
  Update update(List<PretrainingBatch> batches, TrainingState state) {
    float scale = 1f / batches.size();
    List<PretrainingOutputs> outputs = new ArrayList<>();
    boolean finiteLoss = true;
    for (int i = 0; i < batches.size(); i++) {
      arena.begin(trainingPlan);
      long position = state.step() * batches.size() + i;
      Context context = Context.training(backend, arena, config.seed(), position);
      PretrainingOutputs output = run(context, batches.get(i), scale);
      finiteLoss &= Double.isFinite(output.generatorLoss() + output.mainLoss());
      outputs.add(output);
    }
    double norm = optimizer.gradientNorm();
    double rate = schedule.rate(state.step());
    if (finiteLoss && Double.isFinite(norm)) {
      optimizer.update(rate, state.updates());
      return new Update(outputs, rate, norm, true, "");
    }
    String culprit = finiteLoss ? firstNonFiniteGradient() : "the loss";
    optimizer.discardGradients();
    return new Update(outputs, rate, norm, false, culprit);
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
    return run(Context.inference(backend, arena, config.seed() + 1, number), batch, 1);
  }

  private PretrainingOutputs run(Context context, PretrainingBatch batch, float scale) {
    return pretraining.run(
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
