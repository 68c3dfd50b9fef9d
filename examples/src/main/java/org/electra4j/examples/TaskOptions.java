package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.QuestionTask;
import org.electra4j.finetune.data.TaggingTask;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.finetune.data.TaskKind;
import org.electra4j.finetune.data.Tasks;
import org.electra4j.finetune.data.TextTask;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which task, and where its examples are. */
final class TaskOptions {
  private static final List<String> SPLITS = List.of(TaskData.TRAIN, TaskData.DEV, TaskData.TEST);

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "NAME",
      required = true,
      description = {
        "cola, sst2, mrpc, stsb, qqp, mnli, qnli, rte, wnli, ax, chunk, ner, wnut17, squad,",
        "squadv1, newsqa, …; with --kind any name. Several tasks share one encoder."
      })
  List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      required = true,
      arity = "1..*",
      description = {
        "Folder of the task, one a task; or files of one task: train=FILE dev=FILE test=FILE,",
        "or files that have train, dev or test in their names."
      })
  List<String> data;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "classification, regression, multi-label, tagging or question-answering.")
  TaskKind kind;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "With --kind: column of the text, by name or number from 0 (default: text).")
  String text = "text";

  @Option(
      names = "--pair",
      paramLabel = "COLUMN",
      description = "With --kind: column of the second text.")
  String pair;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      split = ",",
      description = "With --kind: column of the label; of several labels also one column each.")
  List<String> label = List.of("label");

  @Option(
      names = "--no-header",
      description = "With --kind: the first row of a file is an example.")
  boolean noHeader;

  /** A task with its examples. */
  record Input<E extends Example>(Task<E> task, TaskData<E> data) {}

  /** Returns the task of a place. */
  Task<?> task(int number) {
    String name = tasks.get(number);
    if (kind == null) {
      return Tasks.byName(name);
    }
    return switch (kind) {
      case TAGGING -> TaggingTask.builder(name).build();
      case QUESTION_ANSWERING -> QuestionTask.of(name);
      default -> textTask(name);
    };
  }

  /** Returns whether a task is one of questions. */
  boolean hasQuestions() {
    for (int i = 0; i < tasks.size(); i++) {
      if (task(i).kind() == TaskKind.QUESTION_ANSWERING) {
        return true;
      }
    }
    return false;
  }

  private TextTask textTask(String name) {
    TextTask.Builder builder = TextTask.builder(name, kind).header(!noHeader);
    if (isNumber(text)) {
      builder.text(Integer.parseInt(text));
    } else {
      builder.text(text);
    }
    if (pair != null && isNumber(pair)) {
      builder.pair(Integer.parseInt(pair));
    } else if (pair != null) {
      builder.pair(pair);
    }
    if (label.size() > 1) {
      builder.labelColumns(label.toArray(String[]::new));
    } else if (isNumber(label.get(0))) {
      builder.label(Integer.parseInt(label.get(0)));
    } else {
      builder.label(label.get(0));
    }
    return builder.build();
  }

  private static boolean isNumber(String column) {
    return column.matches("-?\\d{1,6}");
  }

  /** Reads the examples of a task. */
  <E extends Example> Input<E> read(Task<E> task, int number) throws IOException {
    if (tasks.size() > 1 || data.size() == 1 && Files.isDirectory(Path.of(data.get(0)))) {
      return new Input<>(task, task.read(Path.of(data.get(number))));
    }
    Map<String, Path> files = new LinkedHashMap<>();
    for (String file : data) {
      int equals = file.indexOf('=');
      String split = equals > 0 ? file.substring(0, equals) : guess(file);
      Path path = Path.of(equals > 0 ? file.substring(equals + 1) : file);
      if (files.put(split, path) != null) {
        throw wrong("--data names two files for " + split + "; write SPLIT=FILE for each.");
      }
    }
    return new Input<>(task, task.read(files));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private String guess(String file) {
    if (!Files.exists(Path.of(file))) {
      throw wrong("--data " + file + " does not exist.");
    }
    if (Files.isDirectory(Path.of(file))) {
      throw wrong("--data " + file + " is a folder; name one folder, or files.");
    }
    String name = Path.of(file).getFileName().toString();
    return SPLITS.stream()
        .filter(name::contains)
        .findFirst()
        .orElseThrow(
            () ->
                wrong(
                    "--data "
                        + file
                        + " has neither train nor dev nor test in its name; write for instance"
                        + " train="
                        + file
                        + "."));
  }

  /** Returns what is wrong with the options, or null. */
  String problem() {
    if (tasks.size() > 1 && tasks.size() != data.size()) {
      return "There are "
          + tasks.size()
          + " tasks but "
          + data.size()
          + " folders; give --data once a task.";
    }
    for (int i = 0; i < tasks.size(); i++) {
      try {
        task(i);
      } catch (IllegalArgumentException e) {
        return e.getMessage() + (kind == null ? " For others say their --kind." : "");
      }
    }
    return null;
  }
}
