package org.electra4j.model;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.electra4j.ElectraConfig;
import org.electra4j.io.FileFormatException;
import org.electra4j.io.TensorFlowCheckpoint;
import org.electra4j.io.TensorFlowWeights;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.TaskDescription.Kind;

/**
 * Which head of a fine-tuned google-research/electra checkpoint is read and what it answers: the
 * checkpoint has names and numbers only.
 *
 * @param task its name in the checkpoint, {@code task_specific/<task>/}
 * @param kind what it answers: a class, a number, tags, or spans
 * @param labels of the classes in the order of their indices; empty for {@code LABEL_0 …}
 * @param least the number that a logit of 0 stands for
 * @param range by how much the number grows with the logit: 5 for STS-B, whose scores are learnt as
 *     {@code score / 5}
 */
public record TensorFlowHead(
    String task, Kind kind, List<String> labels, double least, double range) {
  private static final int MAX_LENGTH = 128;
  private static final int MAX_LENGTH_OF_TAGS = 256;
  private static final int MAX_LENGTH_OF_QUESTIONS = 512;
  private static final int TYPE_OF_WORDS = 1;

  /**
   * Checks the kind.
   *
   * @throws IllegalArgumentException for a kind that the reference has no head for
   */
  public TensorFlowHead {
    labels = List.copyOf(labels);
    if (kind == Kind.MULTI_LABEL) {
      throw new IllegalArgumentException("google-research/electra has no head for several labels.");
    }
  }

  /** Returns the head of a task whose numbers, if it has any, are the logits. */
  public static TensorFlowHead of(String task, Kind kind, List<String> labels) {
    return new TensorFlowHead(task, kind, labels, 0, 1);
  }

  /** Returns what the tensors say of this head. */
  TaskDescription describe(TensorFlowCheckpoint checkpoint, TensorFlowWeights weights, int heads)
      throws FileFormatException {
    boolean joint = TensorFlowWeights.hasJointHead(checkpoint, task);
    List<Long> bias = weights.shapes().get("classifier.bias");
    if (joint != (kind == Kind.QUESTION_ANSWERING) || !joint && bias == null) {
      throw new FileFormatException(
          checkpoint.source(),
          "has no head of kind "
              + kind.toString().toLowerCase(Locale.ROOT)
              + " for task "
              + task
              + (kind == Kind.QUESTION_ANSWERING
                  ? "; of those for questions the joint one is read, with qa_hidden."
                  : "; it is the single layer task_specific/" + task + "/dense."));
    }
    ElectraConfig config = weights.config(heads);
    int longest =
        joint ? MAX_LENGTH_OF_QUESTIONS : kind == Kind.TAGGING ? MAX_LENGTH_OF_TAGS : MAX_LENGTH;
    boolean tagging = kind == Kind.TAGGING;
    return new TaskDescription(
        config,
        kind,
        labels(checkpoint, joint ? 2 : bias.get(0).intValue()),
        Style.LINEAR,
        tagging ? 0 : config.hiddenDropoutProb(),
        Math.min(longest, config.maxPositionEmbeddings()),
        joint ? SpanStyle.JOINT : SpanStyle.INDEPENDENT,
        tagging ? TYPE_OF_WORDS : 0);
  }

  private List<String> labels(TensorFlowCheckpoint checkpoint, int units)
      throws FileFormatException {
    if (kind == Kind.QUESTION_ANSWERING || labels.isEmpty()) {
      return IntStream.range(0, units).mapToObj(i -> "LABEL_" + i).toList();
    }
    if (labels.size() != units) {
      throw new FileFormatException(
          checkpoint.source(),
          "has "
              + units
              + " classes for task "
              + task
              + ", but "
              + labels.size()
              + " labels are given: "
              + labels
              + ".");
    }
    return labels;
  }
}
