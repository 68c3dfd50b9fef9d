package org.electra4j.finetune.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The published tasks by name. */
public final class Tasks {
  private static final Map<String, Supplier<Task<?>>> OTHERS = others();

  private Tasks() {}

  /**
   * Returns a published task: the ten of {@link GlueTask}, {@code chunk} (CoNLL-2000, {@code
   * conll2000}), {@code ner} (CoNLL-2003, {@code conll2003}), {@code wnut17}, {@code squad} (SQuAD
   * 2.0, {@code squad2}), {@code squadv1} ({@code squad1}), and MRQA's {@code newsqa}, {@code
   * naturalqs}, {@code triviaqa}, {@code searchqa}. Upper and lower case are alike.
   *
   * @throws IllegalArgumentException if there is no such task; the message lists all
   */
  public static Task<?> byName(String name) {
    GlueTask glue = GlueTask.byName(name);
    if (glue != null) {
      return glue.task();
    }
    Supplier<Task<?>> other = OTHERS.get(name.toLowerCase(Locale.ROOT));
    if (other == null) {
      throw new IllegalArgumentException(
          "There is no task '" + name + "'; the tasks are " + String.join(", ", names()) + ".");
    }
    return other.get();
  }

  /** Returns the names of the published tasks. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(GlueTask.allNames());
    names.addAll(
        OTHERS.values().stream()
            .map(task -> task.get().name())
            .distinct()
            .sorted()
            .collect(Collectors.toList()));
    return names;
  }

  private static Map<String, Supplier<Task<?>>> others() {
    Map<String, Supplier<Task<?>>> tasks = new TreeMap<>();
    tasks.put("chunk", () -> TaggingTask.builder("chunk").build());
    tasks.put("conll2000", tasks.get("chunk"));
    tasks.put("ner", () -> TaggingTask.builder("ner").build());
    tasks.put("conll2003", tasks.get("ner"));
    tasks.put("wnut17", () -> TaggingTask.builder("wnut17").build());
    tasks.put("squad", () -> QuestionTask.of("squad"));
    tasks.put("squad2", tasks.get("squad"));
    tasks.put("squadv1", () -> QuestionTask.of("squadv1"));
    tasks.put("squad1", tasks.get("squadv1"));
    for (String name : List.of("newsqa", "naturalqs", "triviaqa", "searchqa")) {
      tasks.put(name, () -> QuestionTask.of(name));
    }
    return tasks;
  }
}
