package org.electra4j.finetune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.finetune.data.Answer;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.MultiLabelExample;
import org.electra4j.finetune.data.NumberExample;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.data.TaggedWords;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.finetune.data.TaskKind;

/** Tasks of a toy language that a network of a few thousand weights learns in seconds. */
public record ToyTask<E extends Example>(String name, TaskKind kind, List<String> metrics)
    implements Task<E> {
  private static final List<String> WORDS =
      List.of("the", "chef", "ate", "meal", "cooked", "zebra", ".");

  @Override
  public Map<String, Path> files(Path folder) {
    throw new UnsupportedOperationException("toy examples are in memory");
  }

  @Override
  public TaskData<E> read(Map<String, Path> files) {
    throw new UnsupportedOperationException("toy examples are in memory");
  }

  /**
   * Returns a quick recipe for plain loops: no dropout, a high rate for all layers, and corrected
   * moments, which so few steps need.
   */
  public static FinetuningConfig.Builder quick(
      FinetuningConfig.Builder builder, Path model, Path output) {
    return builder
        .model(model)
        .output(output)
        .batchSize(8)
        .epochs(8.0)
        .learningRate(0.005)
        .layerwiseDecay(1.0)
        .biasCorrection(true)
        .dropout(0.0)
        .maxLength(24)
        .logEvery(5)
        .device(Device.REFERENCE)
        .precision(Precision.FP32)
        .threads(1);
  }

  private static List<String> sentence(Random random) {
    List<String> words = new ArrayList<>();
    int length = 3 + random.nextInt(6);
    for (int i = 0; i < length; i++) {
      words.add(WORDS.get(random.nextInt(WORDS.size())));
    }
    return words;
  }

  private static <E extends Example> TaskData<E> data(
      List<String> labels, java.util.function.BiFunction<Integer, Random, E> maker) {
    Random random = new Random(7);
    List<E> train = new ArrayList<>();
    List<E> dev = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      (i < 120 ? train : dev).add(maker.apply(i, random));
    }
    return new TaskData<>(labels, Map.of(TaskData.TRAIN, train, TaskData.DEV, dev), List.of());
  }

  /** Is there a chef? */
  public static FinetuningConfig.Builder classes() {
    return FinetuningConfig.of(
        new ToyTask<ClassExample>("chef", TaskKind.CLASSIFICATION, List.of("accuracy", "matthews")),
        data(
            List.of("no", "yes"),
            (i, random) -> {
              List<String> words = sentence(random);
              int label = words.contains("chef") ? 1 : 0;
              return new ClassExample("c" + i, String.join(" ", words), null, label);
            }));
  }

  /** Twice the number of chefs, in pairs of texts. */
  public static FinetuningConfig.Builder numbers() {
    return FinetuningConfig.of(
        new ToyTask<NumberExample>("chefs", TaskKind.REGRESSION, List.of("pearson")),
        data(
            List.of(),
            (i, random) -> {
              List<String> words = sentence(random);
              double chefs = words.stream().filter("chef"::equals).count();
              return new NumberExample("n" + i, String.join(" ", words), "the meal", 3 + 2 * chefs);
            }));
  }

  /** Which of chef and meal occur? */
  public static FinetuningConfig.Builder labels() {
    return FinetuningConfig.of(
        new ToyTask<MultiLabelExample>("both", TaskKind.MULTI_LABEL, List.of("f1")),
        data(
            List.of("chef", "meal"),
            (i, random) -> {
              List<String> words = sentence(random);
              List<Integer> present = new ArrayList<>();
              if (words.contains("chef")) {
                present.add(0);
              }
              if (words.contains("meal")) {
                present.add(1);
              }
              return new MultiLabelExample("m" + i, String.join(" ", words), null, present);
            }));
  }

  /** Nouns and verbs, as spans of one word. */
  public static FinetuningConfig.Builder tags() {
    List<String> labels = List.of("B-NOUN", "B-VERB", "O");
    return FinetuningConfig.of(
        new ToyTask<TaggedWords>("words", TaskKind.TAGGING, List.of("f1")),
        data(
            labels,
            (i, random) -> {
              List<String> words = sentence(random);
              int[] tags = words.stream().mapToInt(ToyTask::tag).toArray();
              return new TaggedWords("t" + i, words, tags);
            }));
  }

  private static int tag(String word) {
    return switch (word) {
      case "chef", "meal", "zebra" -> 0;
      case "ate", "cooked" -> 1;
      default -> 2;
    };
  }

  /** What did the chef do? Or there is no answer. */
  public static FinetuningConfig.Builder questions() {
    return FinetuningConfig.of(
        new ToyTask<QuestionExample>("what", TaskKind.QUESTION_ANSWERING, List.of("f1")),
        data(
            List.of(),
            (i, random) -> {
              List<String> words = sentence(random);
              words.removeAll(Arrays.asList("ate", "cooked"));
              List<Answer> answers = new ArrayList<>();
              if (i % 4 != 0) {
                words.add(random.nextInt(words.size() + 1), i % 2 == 0 ? "ate" : "cooked");
              }
              String context = String.join(" ", words);
              for (String verb : List.of("ate", "cooked")) {
                if (context.contains(verb)) {
                  answers.add(new Answer(verb, context.indexOf(verb)));
                }
              }
              return new QuestionExample("q" + i, "toy", "chef", context, answers);
            }));
  }
}
