package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.electra4j.tensor.Arena;
import org.electra4j.train.MemoryCheck;

/**
 * What a trial takes on a backend, known before anything is allocated: the largest training step
 * and the largest batch of logits of every task are run on a backend that only counts.
 *
 * @param training where the tensors of a training step go, one a task
 * @param logits where those of a batch of held-out sequences go, one a task
 * @param parameterBytes of parameters, gradients and moments
 * @param scratchBytes that kernels take for their intermediate results
 * @param bytes of everything
 */
record FinetuningPlan(
    List<Arena.Plan> training,
    List<Arena.Plan> logits,
    long parameterBytes,
    long scratchBytes,
    long bytes) {

  /** Plans steps of so many of the longest sequences. */
  static FinetuningPlan of(
      Backend backend,
      FinetuningConfig config,
      ElectraConfig model,
      List<TaskSetup<?, ?>> tasks,
      int batchSize) {
    try (Backend measuring = backend.measuring();
        ParameterStore store = new ParameterStore(measuring)) {
      List<TaskNetwork> networks = FinetuningStep.networks(store, model, tasks);
      store.allocate(true);
      List<Arena.Plan> training = new ArrayList<>();
      List<Arena.Plan> logits = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        Arena arena = Arena.measuring();
        Context c = Context.training(measuring, arena, 0, 0);
        TaskSetup<?, ?> task = tasks.get(i);
        FinetuningStep.run(c, config, networks.get(i), task, task.largestBatch(batchSize));
        training.add(arena.plan());
        logits.add(LogitsRunner.plan(measuring, networks.get(i), model.maxPositionEmbeddings()));
      }
      try (AdamW optimizer = FinetuningStep.optimizer(store, config, model)) {
        optimizer.queueGradientNorm();
        optimizer.update(0, 0);
        measuring.alloc(arenaBytes(training, logits));
        return new FinetuningPlan(
            training, logits, store.bytes(true), measuring.scratchBytes(), measuring.takenBytes());
      }
    }
  }

  /** Returns the bytes of activations. */
  long arenaBytes() {
    return arenaBytes(training, logits);
  }

  private static long arenaBytes(List<Arena.Plan> training, List<Arena.Plan> logits) {
    return Stream.of(training, logits)
        .flatMap(List::stream)
        .mapToLong(Arena.Plan::bytes)
        .max()
        .orElse(0);
  }

  /**
   * Returns this plan if the backend has the memory for it.
   *
   * @throws BackendException when it has not; see {@link MemoryCheck}
   */
  FinetuningPlan requireRoom(
      Backend backend, FinetuningConfig config, ElectraConfig model, List<TaskSetup<?, ?>> tasks) {
    MemoryCheck.requireRoom(
        backend,
        bytes,
        parameterBytes,
        config.batchSize(),
        "the longest " + config.batchSize() + " sequences of a step",
        "",
        batch -> of(backend, config, model, tasks, batch).bytes());
    return this;
  }
}
