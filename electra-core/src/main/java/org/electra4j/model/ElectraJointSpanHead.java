package org.electra4j.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.ProjectionOps;
import org.electra4j.autograd.SpanOps;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/**
 * The reference's head for questions (file finetune/qa/qa_tasks): the end of an answer depends on
 * its start, and whether there is one is a logit of its own.
 *
 * <p>Start: one logit a token, over the tokens of the context, its final [SEP] and [CLS]. End: the
 * hidden vectors of the start and of the token, through a dense layer of 512 with GELU, one logit;
 * in training the start is the true one, in use each of the 20 best. Answerable: the vector of
 * [CLS] and the mean of all vectors, weighted by the start's probabilities, through a layer of the
 * same kind; a positive logit means that there is no answer. There is no dropout.
 */
public final class ElectraJointSpanHead implements TaskHead {
  /** Starts, and ends of each start, that are looked at. */
  public static final int BEAM = 20;

  /** Numbers that a span takes in a result. */
  public static final int SPAN = 3;

  private static final int WIDTH = 512;
  private static final double END_WEIGHT = 0.5;
  private static final double ANSWERABLE_WEIGHT = 0.5;

  private final Linear start;
  private final Linear endDense;
  private final Linear end;
  private final Linear answerableDense;
  private final Linear answerable;

  /** Adds the head's parameters; their names start with {@code prefix}. */
  public ElectraJointSpanHead(ParameterStore store, String prefix, ElectraConfig config) {
    int h = config.hiddenSize();
    Initializer uniform = new Initializer.GlorotUniform();
    this.start = new Linear(store, prefix + "qa_start", uniform, h, 1);
    this.endDense = new Linear(store, prefix + "qa_end.dense", uniform, 2 * h, WIDTH);
    this.end = new Linear(store, prefix + "qa_end.out_proj", uniform, WIDTH, 1);
    this.answerableDense = new Linear(store, prefix + "qa_answerable.dense", uniform, 2 * h, WIDTH);
    this.answerable = new Linear(store, prefix + "qa_answerable.out_proj", uniform, WIDTH, 1);
  }

  /**
   * Records the loss of each sequence, {@code (-log p(start) - log p(end | start)) / 2 + BCE / 2},
   * and returns its sum. The gradient on the tape is that of {@code scale} times the sum.
   *
   * @param hidden (T, H)
   * @param starts positions from the start of the sequence, 0 where there is no answer in it
   * @param ends likewise
   * @param impossible whether the question has no answer in its whole context
   */
  public double loss(
      Context c,
      Tensor hidden,
      PackedBatch batch,
      int[] starts,
      int[] ends,
      boolean[] impossible,
      float scale) {
    int[] offsets = c.downloadInts(batch.sequences().cuSeqlens());
    int[] types = c.downloadInts(batch.types());
    Tensor startLogits = ProjectionOps.logits(c, hidden, start.weight(), start.bias()); // (T, 1)
    SpanSoftmax startOf = new SpanSoftmax(c.downloadFloats(startLogits), offsets, types);
    Tensor pairs = SpanOps.besideStart(c, hidden, startRows(offsets, hidden.rows(), starts));
    Tensor endLogits = // (T, 1)
        ProjectionOps.logits(c, endDense.forwardGelu(c, pairs), end.weight(), end.bias());
    SpanSoftmax endOf = new SpanSoftmax(c.downloadFloats(endLogits), offsets, types);
    float[] startGradient = startOf.gradient(starts, scale * END_WEIGHT);
    Tensor means = // (B, 2H)
        SpanOps.firstAndMean(
            c,
            hidden,
            offsets,
            startOf.probabilities(),
            dp -> {
              startOf.addGradient(startGradient, dp);
              ProjectionOps.seed(c, startLogits, startGradient);
            });
    Tensor logits = // (B, 1)
        ProjectionOps.logits(
            c, answerableDense.forwardGelu(c, means), answerable.weight(), answerable.bias());
    float[] z = c.downloadFloats(logits);
    float[] gradient = new float[z.length];
    double loss = END_WEIGHT * (startOf.loss(starts) + endOf.loss(ends));
    for (int b = 0; b < z.length; b++) {
      double y = impossible[b] ? 1 : 0;
      loss +=
          ANSWERABLE_WEIGHT
              * (Math.max(z[b], 0) - z[b] * y + Math.log1p(Math.exp(-Math.abs(z[b]))));
      gradient[b] = (float) (scale * ANSWERABLE_WEIGHT * (1 / (1 + Math.exp(-z[b])) - y));
    }
    ProjectionOps.seed(c, logits, gradient);
    ProjectionOps.seed(c, endLogits, endOf.gradient(ends, scale * END_WEIGHT));
    return loss;
  }

  /** Returns for each token the row of its sequence's start. */
  private static int[] startRows(int[] offsets, int tokens, int[] starts) {
    int[] rows = new int[tokens];
    for (int b = 0; b < starts.length; b++) {
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        rows[t] = offsets[b] + starts[b];
      }
    }
    return rows;
  }

  /**
   * Returns for each sequence the logit of "there is no answer", then for each span of the beam
   * three numbers: first token, last token, counted from the start of the sequence, and {@code log
   * p(start) + log p(end | start)}. An end may lie before its start.
   */
  @Override
  public List<float[]> results(Context c, Tensor hidden, PackedBatch batch, int[] lengths) {
    int[] offsets = c.downloadInts(batch.sequences().cuSeqlens());
    int[] types = c.downloadInts(batch.types());
    Tensor startLogits = ProjectionOps.logits(c, hidden, start.weight(), start.bias());
    SpanSoftmax startOf = new SpanSoftmax(c.downloadFloats(startLogits), offsets, types);
    Tensor means = SpanOps.firstAndMean(c, hidden, offsets, startOf.probabilities(), dp -> {});
    Tensor x = answerableDense.forwardGelu(c, means);
    float[] z =
        c.downloadFloats(ProjectionOps.logits(c, x, answerable.weight(), answerable.bias()));
    List<SpanList> spans = new ArrayList<>();
    List<int[]> best = new ArrayList<>();
    for (int b = 0; b < lengths.length; b++) {
      spans.add(new SpanList(z[b]));
      best.add(startOf.best(b, BEAM));
    }
    for (int k = 0; k < BEAM; k++) { // always as often: the memory of a pass is planned
      int[] starts = new int[lengths.length];
      for (int b = 0; b < starts.length; b++) {
        starts[b] = k < best.get(b).length ? best.get(b)[k] : 0;
      }
      SpanSoftmax endOf = ends(c, hidden, offsets, types, starts);
      for (int b = 0; b < starts.length; b++) {
        if (k < best.get(b).length) {
          double ofStart = startOf.logProbability(b, starts[b]);
          for (int position : endOf.best(b, BEAM)) {
            spans.get(b).add(starts[b], position, ofStart + endOf.logProbability(b, position));
          }
        }
      }
    }
    return spans.stream().map(SpanList::toArray).toList();
  }

  private SpanSoftmax ends(Context c, Tensor hidden, int[] offsets, int[] types, int[] starts) {
    Tensor pairs = SpanOps.besideStart(c, hidden, startRows(offsets, hidden.rows(), starts));
    Tensor x = endDense.forwardGelu(c, pairs);
    Tensor logits = ProjectionOps.logits(c, x, end.weight(), end.bias());
    SpanSoftmax softmax = new SpanSoftmax(c.downloadFloats(logits), offsets, types);
    c.recycle(pairs, x, logits);
    return softmax;
  }

  /** A growing result. */
  private static final class SpanList {
    private final float[] numbers = new float[1 + SPAN * BEAM * BEAM];
    private int count = 1;

    SpanList(float nullLogit) {
      numbers[0] = nullLogit;
    }

    void add(int first, int last, double score) {
      numbers[count++] = first;
      numbers[count++] = last;
      numbers[count++] = (float) score;
    }

    float[] toArray() {
      return Arrays.copyOf(numbers, count);
    }
  }
}
