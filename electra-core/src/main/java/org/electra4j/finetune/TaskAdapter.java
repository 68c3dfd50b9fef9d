package org.electra4j.finetune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.finetune.data.Example;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.text.ModelInput;

/**
 * What one kind of task needs between examples and network: sequences, targets, scores.
 *
 * @param <E> its examples
 * @param <I> its sequences
 */
abstract class TaskAdapter<E extends Example, I extends ModelInput> {

  /** Returns whether a labelled example can be trained on. */
  boolean isTrainable(E example) {
    return true;
  }

  /** Returns the sequences of an example, at least one. */
  abstract List<I> encode(E example);

  /** Returns the targets of a training batch. */
  abstract Targets targets(List<Item<E, I>> batch);

  /**
   * Returns scores and predictions.
   *
   * @param items all sequences of the examples, in order
   * @param logits of each sequence, row after row
   */
  abstract Evaluation evaluate(
      String split, List<E> examples, List<Item<E, I>> items, List<float[]> logits);

  /** Returns what users should know of the sequences of a split, a sentence each. */
  List<String> remarks(List<Item<E, I>> items) {
    return List.of();
  }

  /** Returns several models' logits of the same sequences as one's. */
  List<float[]> ensemble(List<List<float[]>> models) {
    return Ensemble.mean(models);
  }

  /** Work that may fail on files. */
  interface FileWork {
    void run() throws IOException;
  }

  /** Does work while the head's last layer gives what users expect, not what is learnt easily. */
  void whileInOwnUnits(ParameterStore store, TaskNetwork network, FileWork work)
      throws IOException {
    work.run();
  }

  /** Returns the sequences of examples, in order. */
  List<Item<E, I>> items(List<E> examples) {
    List<Item<E, I>> items = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      for (I input : encode(examples.get(i))) {
        items.add(new Item<>(examples.get(i), i, input));
      }
    }
    return items;
  }
}
