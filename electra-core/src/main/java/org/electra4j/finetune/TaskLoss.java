package org.electra4j.finetune;

import java.util.function.Supplier;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.autograd.ProjectionOps;
import org.electra4j.autograd.Weight;
import org.electra4j.model.ElectraJointSpanHead;
import org.electra4j.model.PackedBatch;
import org.electra4j.model.TaskNetwork;
import org.electra4j.tensor.Tensor;

/** Runs a network on a batch forward and backward. */
final class TaskLoss {
  private TaskLoss() {}

  /**
   * What a training batch gave.
   *
   * @param loss summed over what was counted
   * @param counted rows or sequences with a target
   */
  record Outcome(double loss, long counted) {}

  /**
   * Adds the gradient of {@code scale Σ loss} to the parameters' gradients.
   *
   * @param classWeights one a class, or null for the plain cross-entropy
   * @param frozenLayers as in {@code ElectraModel}
   */
  static Outcome train(
      Context c,
      TaskNetwork network,
      PackedBatch batch,
      Targets targets,
      double[] classWeights,
      float scale,
      int frozenLayers) {
    return queue(c, network, batch, targets, classWeights, scale, frozenLayers).get();
  }

  /**
   * Returns whether kernels compute the loss, so that {@link #queue} reads nothing from the device
   * before the gradients are known.
   */
  static boolean isQueueable(Targets targets, double[] classWeights) {
    return targets instanceof Targets.Spans
        || targets instanceof Targets.Classes && classWeights == null;
  }

  /**
   * Computes what {@link #train} does, and returns what gives the outcome: within a step that the
   * backend queues it may be asked only when that step is done.
   */
  static Supplier<Outcome> queue(
      Context c,
      TaskNetwork network,
      PackedBatch batch,
      Targets targets,
      double[] classWeights,
      float scale,
      int frozenLayers) {
    if (targets instanceof Targets.JointSpans spans) {
      Outcome joint = joint(c, network, batch, spans, scale, frozenLayers);
      return () -> joint;
    }
    Tensor x = network.features(c, batch, frozenLayers);
    Weight w = network.logitsHead().output().weight();
    Weight bias = network.logitsHead().output().bias();
    Supplier<Outcome> outcome;
    if (targets instanceof Targets.Classes classes && classWeights == null) {
      Tensor labels = c.upload(classes.labels());
      outcome = outcome(c, LossOps.classes(c, x, w, bias, labels, scale));
    } else if (targets instanceof Targets.Spans spans) {
      Tensor starts = c.upload(spans.starts());
      Tensor ends = c.upload(spans.ends());
      outcome = outcome(c, LossOps.spans(c, x, w, bias, starts, ends, batch.sequences(), scale));
    } else {
      Tensor logits = ProjectionOps.logits(c, x, w, bias);
      RowLosses.Loss loss =
          rows(c.downloadFloats(logits), targets, classWeights, logits.columns(), scale);
      ProjectionOps.seed(c, logits, loss.gradient());
      Outcome known = new Outcome(loss.loss(), loss.counted());
      outcome = () -> known;
    }
    c.tape().backward();
    return outcome;
  }

  private static Outcome joint(
      Context c,
      TaskNetwork network,
      PackedBatch batch,
      Targets.JointSpans spans,
      float scale,
      int frozenLayers) {
    ElectraJointSpanHead head = (ElectraJointSpanHead) network.head();
    Tensor hidden = network.hidden(c, batch, frozenLayers);
    double loss =
        head.loss(c, hidden, batch, spans.starts(), spans.ends(), spans.impossible(), scale);
    c.tape().backward();
    return new Outcome(loss, spans.starts().length);
  }

  private static RowLosses.Loss rows(
      float[] logits, Targets targets, double[] classWeights, int units, float scale) {
    if (targets instanceof Targets.Numbers numbers) {
      return RowLosses.squaredError(logits, numbers.values(), scale);
    }
    if (targets instanceof Targets.Labels labels) {
      return RowLosses.binaryCrossEntropy(logits, labels.present(), units, scale);
    }
    int[] labels = ((Targets.Classes) targets).labels();
    return RowLosses.weightedCrossEntropy(logits, labels, classWeights, scale);
  }

  private static Supplier<Outcome> outcome(Context c, LossOps.Summed summed) {
    double[] sums = c.downloadDoubles(summed.sums());
    return () -> new Outcome(sums[0], (long) sums[1]);
  }
}
