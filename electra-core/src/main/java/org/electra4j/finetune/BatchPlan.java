package org.electra4j.finetune;

import java.util.Arrays;
import org.electra4j.data.KeyedPermutation;

/**
 * Which examples make which batch: a function of the seed and the step.
 *
 * <p>The examples of a task come in a new order every epoch; a batch that begins in one epoch may
 * end in the next, so that every example is seen equally often. A batch is of one task; the batches
 * of several tasks are mixed. Nothing is sorted by length: packed sequences need no padding, so
 * there would be nothing to gain, and batches of alike lengths are not drawn evenly.
 */
final class BatchPlan {
  private static final long TASK_EPOCHS = 1L << 32;

  private final int[] sizes;
  private final int batchSize;
  private final long seed;
  private final int[] taskOfStep;
  private final int[] numberInTask;

  /**
   * @param sizes number of sequences of each task
   * @param epochs of each task: it gets {@code size * epochs / batchSize} steps, rounded down, at
   *     least 1 (reference file finetune/preprocessing)
   */
  BatchPlan(int[] sizes, int batchSize, double[] epochs, long seed) {
    this.sizes = sizes;
    this.batchSize = batchSize;
    this.seed = seed;
    int[] steps = new int[sizes.length];
    for (int task = 0; task < sizes.length; task++) {
      double exact = sizes[task] * epochs[task] / batchSize;
      steps[task] = Math.max(1, (int) Math.min(Integer.MAX_VALUE / 2, exact));
    }
    this.taskOfStep = mixed(steps, seed);
    this.numberInTask = new int[taskOfStep.length];
    int[] next = new int[sizes.length];
    for (int step = 0; step < taskOfStep.length; step++) {
      numberInTask[step] = next[taskOfStep[step]]++;
    }
  }

  private static int[] mixed(int[] steps, long seed) {
    int[] tasks = new int[Arrays.stream(steps).reduce(0, Math::addExact)];
    if (steps.length > 1) {
      int[] inOrder = new int[tasks.length];
      int begin = 0;
      for (int task = 0; task < steps.length; task++) {
        Arrays.fill(inOrder, begin, begin + steps[task], task);
        begin += steps[task];
      }
      KeyedPermutation order = new KeyedPermutation(tasks.length, seed, -1);
      for (int i = 0; i < tasks.length; i++) {
        tasks[i] = inOrder[(int) order.apply(i)];
      }
    }
    return tasks;
  }

  /** Returns the number of steps in all. */
  int steps() {
    return taskOfStep.length;
  }

  /** Returns the task of a step. */
  int task(long step) {
    return taskOfStep[(int) step];
  }

  /** Returns the numbers of the sequences of a step's batch. */
  int[] sequences(long step) {
    int task = task(step);
    int size = sizes[task];
    int[] chosen = new int[batchSize];
    long first = (long) numberInTask[(int) step] * batchSize;
    for (int i = 0; i < batchSize; i++) {
      long epoch = (first + i) / size;
      KeyedPermutation order = new KeyedPermutation(size, seed, task * TASK_EPOCHS + epoch);
      chosen[i] = (int) order.apply((first + i) % size);
    }
    return chosen;
  }

  /** Returns the share of an epoch of its task that is complete after a step. */
  double epochs(long step) {
    return (numberInTask[(int) step] + 1.0) * batchSize / sizes[task(step)];
  }
}
