package org.electra4j.examples;

import java.util.List;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskKind;
import org.electra4j.finetune.data.Tasks;
import org.electra4j.finetune.data.TextTask;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowWeights;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.model.TensorFlowHead;
import picocli.CommandLine.Option;

/** Which head of a fine-tuned TensorFlow checkpoint to read, and what it answers. */
final class TensorFlowHeadOptions {
  private static final double STSB_RANGE = 5;

  @Option(
      names = "--task",
      paramLabel = "NAME",
      description =
          "Of a fine-tuned TensorFlow checkpoint: the task whose head is read (default: its only"
              + " one).")
  String task;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "What the head answers: classification, regression, tagging or question-answering"
              + " (default: that of the published task of this name).")
  TaskKind kind;

  @Option(
      names = "--labels",
      paramLabel = "A,B,…",
      split = ",",
      description =
          "Its labels in the order of their indices (default: those of the published task, else"
              + " LABEL_0, …). The reference sorts them; tags are BIOES.")
  List<String> labels;

  @Option(names = "--encoder", description = "Leave the head out.")
  boolean encoder;

  /** Returns whether an option was given. */
  boolean isGiven() {
    return task != null || kind != null || labels != null || encoder;
  }

  /**
   * Returns the head, or null where there is none or it is left out.
   *
   * @throws IllegalArgumentException when the checkpoint has no such head or does not say enough
   */
  TensorFlowHead head(TensorFlowCheckpoint checkpoint) {
    List<String> tasks = TensorFlowWeights.tasks(checkpoint);
    if (encoder || tasks.isEmpty() && task == null) {
      return null;
    }
    if (task == null && tasks.size() > 1 || task != null && !tasks.contains(task)) {
      throw new IllegalArgumentException(
          checkpoint.source()
              + " has heads of "
              + (tasks.isEmpty() ? "no task" : String.join(", ", tasks))
              + (task == null ? "; choose one with --task." : ", but not of " + task + "."));
    }
    String name = task == null ? tasks.get(0) : task;
    Task<?> published = published(name);
    if (published == null && kind == null) {
      throw new IllegalArgumentException(
          checkpoint.source()
              + " has the head of task "
              + name
              + ", which is no published one; say its --kind, or leave it out with --encoder.");
    }
    Kind of = Kind.valueOf((kind == null ? published.kind() : kind).name());
    List<String> known =
        labels != null ? labels : published instanceof TextTask text ? text.labels() : List.of();
    boolean stsb = of == Kind.REGRESSION && published != null && published.name().equals("stsb");
    return new TensorFlowHead(
        name, of, of == Kind.REGRESSION ? List.of() : known, 0, stsb ? STSB_RANGE : 1);
  }

  private static Task<?> published(String name) {
    try {
      return Tasks.byName(name);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
