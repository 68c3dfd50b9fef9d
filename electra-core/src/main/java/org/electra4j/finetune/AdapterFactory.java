package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.ElectraConfig;
import org.electra4j.finetune.FinetuningConfig.TaskInput;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.NumberExample;
import org.electra4j.finetune.data.TaggedWords;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.finetune.data.TextExample;
import org.electra4j.finetune.data.TextTask;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.TaskCheckpoint;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.text.ModelInput;
import org.electra4j.text.WordPieceTokenizer;

/** Chooses the adapter and the head of a task. */
final class AdapterFactory {
  private AdapterFactory() {}

  /** Returns a task ready to train. */
  static <E extends Example> TaskSetup<?, ?> setup(
      FinetuningConfig config,
      ElectraConfig model,
      WordPieceTokenizer tokenizer,
      TaskInput<E> input) {
    Task<E> task = input.task();
    TaskData<E> data = input.data();
    int maxLength = Recipe.maxLength(config, task, model);
    List<E> train = trainingExamples(task, data);
    Kind kind = Kind.valueOf(task.kind().name());
    TaskDescription description =
        new TaskDescription(
            model,
            kind,
            labels(kind, data.labels()),
            config.headStyle(),
            headDropout(kind, config.headStyle(), model),
            maxLength,
            config.spanStyle());
    if (kind != Kind.TAGGING && kind != Kind.QUESTION_ANSWERING) {
      TaskCheckpoint.requireSavable(description);
    }
    TaskAdapter<E, ?> adapter =
        adapter(
            tokenizer,
            description,
            data.labels(),
            train,
            new QuestionOptions(config.stride(), config.maxQuestion(), config.answers()));
    return setup(config, task, description, adapter, train, data.dev());
  }

  /** Returns the labelled examples; of pairs without an order also the swapped ones. */
  @SuppressWarnings("unchecked")
  private static <E extends Example> List<E> trainingExamples(Task<E> task, TaskData<E> data) {
    List<E> examples = new ArrayList<>();
    for (E example : data.train()) {
      if (example.labelled()) {
        examples.add(example);
        if (task instanceof TextTask texts && texts.symmetric()) {
          examples.add((E) ((TextExample) example).swapped());
        }
      }
    }
    return examples;
  }

  private static <E extends Example, I extends ModelInput> TaskSetup<E, I> setup(
      FinetuningConfig config,
      Task<E> task,
      TaskDescription description,
      TaskAdapter<E, I> adapter,
      List<E> train,
      List<E> dev) {
    return new TaskSetup<>(
        task.name(),
        task.metrics(),
        adapter,
        description,
        Recipe.epochs(config, task),
        classWeights(config, task, train, description.labels().size()),
        train,
        dev);
  }

  /** The reference has no dropout in the heads for tags and spans. */
  private static float headDropout(Kind kind, Style style, ElectraConfig model) {
    return kind == Kind.TAGGING && style == Style.LINEAR ? 0 : model.hiddenDropoutProb();
  }

  private static List<String> labels(Kind kind, List<String> ofTask) {
    return switch (kind) {
      case REGRESSION -> List.of("LABEL_0");
      case QUESTION_ANSWERING -> List.of("LABEL_0", "LABEL_1");
      default -> ofTask;
    };
  }

  /**
   * Returns the adapter of the kind of task that a description has; its examples are of the kind's
   * type.
   */
  @SuppressWarnings("unchecked")
  static <E extends Example> TaskAdapter<E, ?> adapter(
      WordPieceTokenizer tokenizer,
      TaskDescription description,
      List<String> labels,
      List<E> train,
      QuestionOptions questions) {
    int length = description.maxLength();
    TaskAdapter<?, ?> adapter =
        switch (description.kind()) {
          case CLASSIFICATION -> new ClassAdapter(tokenizer, length, labels);
          case REGRESSION -> new NumberAdapter(tokenizer, length, (List<NumberExample>) train);
          case MULTI_LABEL -> new LabelsAdapter(tokenizer, length, labels);
          case TAGGING -> new TagAdapter(tokenizer, length, labels, description.wordType());
          case QUESTION_ANSWERING ->
              new QuestionAdapter(tokenizer, length, description.spanStyle(), questions);
        };
    return (TaskAdapter<E, ?>) adapter;
  }

  private static double[] classWeights(
      FinetuningConfig config, Task<?> task, List<? extends Example> train, int classes) {
    List<Integer> all = new ArrayList<>();
    for (Example example : train) {
      if (example instanceof ClassExample one) {
        all.add(one.label());
      } else if (example instanceof TaggedWords words) {
        Arrays.stream(words.tags()).forEach(all::add);
      }
    }
    if (all.isEmpty() && !config.classWeights().equals(ClassWeights.none())) {
      throw new IllegalArgumentException(
          "Task " + task.name() + " has no classes, so it cannot have class weights.");
    }
    return config
        .classWeights()
        .resolve(all.stream().mapToInt(Integer::intValue).toArray(), classes);
  }
}
