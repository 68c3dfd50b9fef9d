package org.electra4j.train;

import java.util.function.Consumer;
import org.electra4j.PretrainingConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.data.PretrainingBatch;
import org.electra4j.model.ElectraPretraining;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.electra4j.tensor.Arena;
import org.electra4j.text.Vocabulary;

/**
 * What the largest step of a run takes on a backend, known before anything is allocated: the step
 * is run on a backend that only counts.
 *
 * @param training where the tensors of a training step go
 * @param evaluation those of an evaluation
 * @param parameterBytes of parameters, gradients and moments
 * @param scratchBytes that kernels take for their intermediate results
 * @param bytes of everything
 * @param launches of an update on one batch; 0 where nothing is launched
 */
record StepPlan(
    Arena.Plan training,
    Arena.Plan evaluation,
    long parameterBytes,
    long scratchBytes,
    long bytes,
    long launches) {

  /** Plans steps of so many sequences of full length. */
  static StepPlan of(
      Backend backend, PretrainingConfig config, Vocabulary vocabulary, int batchSize) {
    try (Backend measuring = backend.measuring()) {
      return of(measuring, config, vocabulary, batchSize, step -> step.run());
    }
  }

  /**
   * Plans steps on a measuring backend.
   *
   * @param around is given the update to run, between what it wants to do before and after
   */
  static StepPlan of(
      Backend measuring,
      PretrainingConfig config,
      Vocabulary vocabulary,
      int batchSize,
      Consumer<Runnable> around) {
    try (ParameterStore store = new ParameterStore(measuring)) {
      ElectraPretraining pretraining =
          TrainingStep.pretraining(
              TrainingStep.networks(store, config, vocabulary), config, vocabulary);
      store.allocate(true);
      PretrainingBatch batch = fullBatch(batchSize, config.seqLength(), vocabulary.unkId());
      Arena.Plan evaluation;
      try (Arena arena = Arena.measuring()) {
        run(pretraining, Context.inference(measuring, arena, 0, 0), batch);
        evaluation = arena.plan();
      }
      try (Arena arena = Arena.measuring();
          AdamW optimizer = TrainingStep.optimizer(store, config)) {
        long before = measuring.launches();
        around.accept(
            () -> {
              run(pretraining, Context.training(measuring, arena, 0, 0), batch);
              optimizer.queueGradientNorm();
              optimizer.update(0, 0);
            });
        long launches = measuring.launches() - before;
        Arena.Plan training = arena.plan();
        measuring.alloc(arenaBytes(training, evaluation));
        return new StepPlan(
            training,
            evaluation,
            store.bytes(true),
            measuring.scratchBytes(),
            measuring.takenBytes(),
            launches);
      }
    }
  }

  private static void run(ElectraPretraining pretraining, Context context, PretrainingBatch batch) {
    pretraining.queue(
        context, batch.inputIds(), batch.tokenTypeIds(), batch.positionIds(), batch.cuSeqlens(), 1);
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

  /** Returns the bytes of activations. */
  long arenaBytes() {
    return arenaBytes(training, evaluation);
  }

  private static long arenaBytes(Arena.Plan training, Arena.Plan evaluation) {
    return Math.max(training.bytes(), evaluation.bytes());
  }

  /**
   * Returns this plan if the backend has the memory for it.
   *
   * @throws BackendException when it has not; see {@link MemoryCheck}
   */
  StepPlan requireRoom(Backend backend, PretrainingConfig config, Vocabulary vocabulary) {
    MemoryCheck.requireRoom(
        backend,
        bytes,
        parameterBytes,
        config.batchSize(),
        String.format(
            "the largest step of %d sequences of %d tokens",
            config.batchSize(), config.seqLength()),
        "; gradient accumulation makes up for a smaller one",
        batch -> of(backend, config, vocabulary, batch).bytes());
    return this;
  }
}
