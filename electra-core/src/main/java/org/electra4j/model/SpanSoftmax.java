package org.electra4j.model;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The distribution of one end of an answer over the tokens of each sequence that may be one: the
 * first token, and those of the second segment. The reference takes 1,000 off the logits of the
 * others, which leaves them a probability of 0 in double precision too.
 */
final class SpanSoftmax {
  private final float[] logits;
  private final int[] offsets;
  private final int[] types;
  private final double[] logSums;
  private final float[] probabilities;

  /**
   * @param logits (T)
   * @param offsets (B + 1): where each sequence starts, then T
   * @param types (T): 1 in the second segment
   */
  SpanSoftmax(float[] logits, int[] offsets, int[] types) {
    this.logits = logits;
    this.offsets = offsets;
    this.types = types;
    this.logSums = new double[offsets.length - 1];
    this.probabilities = new float[logits.length];
    for (int b = 0; b < logSums.length; b++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        max = mayBeEnd(b, t) ? Math.max(max, logits[t]) : max;
      }
      double sum = 0;
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        sum += mayBeEnd(b, t) ? Math.exp(logits[t] - max) : 0;
      }
      logSums[b] = max + Math.log(sum);
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        probabilities[t] = mayBeEnd(b, t) ? (float) Math.exp(logits[t] - logSums[b]) : 0;
      }
    }
  }

  private boolean mayBeEnd(int sequence, int token) {
    return types[token] == 1 || token == offsets[sequence];
  }

  /** Returns the probability of each token in its sequence, (T). */
  float[] probabilities() {
    return probabilities;
  }

  /** Returns the logarithm of the probability of a token, counted from its sequence's start. */
  double logProbability(int sequence, int position) {
    return logits[offsets[sequence] + position] - logSums[sequence];
  }

  /** Returns {@code Σ -log p(target)} over the sequences. */
  double loss(int[] targets) {
    double loss = 0;
    for (int b = 0; b < targets.length; b++) {
      loss -= logProbability(b, targets[b]);
    }
    return loss;
  }

  /** Returns the gradient of {@code scale} times the loss with respect to the logits. */
  float[] gradient(int[] targets, double scale) {
    float[] gradient = new float[logits.length];
    for (int b = 0; b < targets.length; b++) {
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        double target = t - offsets[b] == targets[b] ? 1 : 0;
        gradient[t] = (float) (scale * (probabilities[t] - target));
      }
    }
    return gradient;
  }

  /**
   * Adds the gradient that comes through the probabilities: {@code p (dp - Σ p dp)}.
   *
   * @param gradient (T) of the logits
   * @param dp gradient of the probabilities, (T)
   */
  void addGradient(float[] gradient, double[] dp) {
    for (int b = 0; b < logSums.length; b++) {
      double mean = 0;
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        mean += probabilities[t] * dp[t];
      }
      for (int t = offsets[b]; t < offsets[b + 1]; t++) {
        gradient[t] += (float) (probabilities[t] * (dp[t] - mean));
      }
    }
  }

  /** Returns the most probable positions of a sequence, best first, the earlier one on ties. */
  int[] best(int sequence, int most) {
    return IntStream.range(offsets[sequence], offsets[sequence + 1])
        .filter(t -> mayBeEnd(sequence, t))
        .boxed()
        .sorted(Comparator.comparingDouble(t -> -logits[t]))
        .limit(most)
        .mapToInt(t -> t - offsets[sequence])
        .toArray();
  }
}
