package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.model.TaskDescription;
import org.electra4j.text.ModelInput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task of a run, ready to train: examples as sequences, head, weights. */
final class TaskSetup<E extends Example, I extends ModelInput> {
  private static final Logger LOG = LoggerFactory.getLogger(TaskSetup.class);

  private final String name;
  private final List<String> metrics;
  private final TaskAdapter<E, I> adapter;
  private final TaskDescription description;
  private final double epochs;
  private final double[] classWeights;
  private final List<Item<E, I>> train;
  private final List<E> devExamples;
  private final List<Item<E, I>> dev;

  TaskSetup(
      String name,
      List<String> metrics,
      TaskAdapter<E, I> adapter,
      TaskDescription description,
      double epochs,
      double[] classWeights,
      List<E> train,
      List<E> dev) {
    this.name = name;
    this.metrics = metrics;
    this.adapter = adapter;
    this.description = description;
    this.epochs = epochs;
    this.classWeights = classWeights;
    List<E> trainable = train.stream().filter(adapter::isTrainable).toList();
    if (trainable.size() < train.size()) {
      LOG.warn(
          "{}: {} of {} training examples are left out: their answers do not stand in the context.",
          name,
          train.size() - trainable.size(),
          train.size());
    }
    this.train = adapter.items(trainable);
    this.devExamples = dev;
    this.dev = adapter.items(dev);
    adapter.remarks(this.train).forEach(remark -> LOG.warn("{}, train: {}", name, remark));
    adapter.remarks(this.dev).forEach(remark -> LOG.warn("{}, dev: {}", name, remark));
  }

  String name() {
    return name;
  }

  TaskAdapter<E, I> adapter() {
    return adapter;
  }

  TaskDescription description() {
    return description;
  }

  double epochs() {
    return epochs;
  }

  /** Returns the weights of the classes, or null. */
  double[] classWeights() {
    return classWeights;
  }

  List<Item<E, I>> train() {
    return train;
  }

  List<Item<E, I>> dev() {
    return dev;
  }

  Batch batch(int[] numbers) {
    List<Item<E, I>> items = Arrays.stream(numbers).mapToObj(train::get).toList();
    return new Batch(items.stream().map(Item::input).toList(), adapter.targets(items));
  }

  /** Returns the batch that needs most memory: the longest sequences. */
  Batch largestBatch(int size) {
    List<Item<E, I>> items =
        train.stream()
            .sorted(Comparator.comparingInt((Item<E, I> item) -> -item.length()))
            .limit(size)
            .toList();
    while (items.size() < size) { // a small set comes more than once in a batch
      List<Item<E, I>> more = new ArrayList<>(items);
      more.addAll(items.subList(0, Math.min(items.size(), size - items.size())));
      items = more;
    }
    return new Batch(items.stream().map(Item::input).toList(), adapter.targets(items));
  }

  /** Returns scores and predictions of the held-out examples, the task's own metrics first. */
  Evaluation evaluateDev(List<float[]> logits) {
    return adapter.evaluate(TaskData.DEV, devExamples, dev, logits).inOrderOf(metrics);
  }

  /** Sequences and their targets. */
  record Batch(List<? extends ModelInput> inputs, Targets targets) {}
}
