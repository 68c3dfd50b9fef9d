package org.electra4j.finetune;

import java.util.Arrays;

/** Weights of the classes in the loss of classification and tagging. */
public final class ClassWeights {
  private static final ClassWeights NONE = new ClassWeights(null, false);

  private final double[] given;
  private final boolean balanced;

  private ClassWeights(double[] given, boolean balanced) {
    this.given = given;
    this.balanced = balanced;
  }

  /** Returns no weights: every class counts alike. */
  public static ClassWeights none() {
    return NONE;
  }

  /**
   * Returns weights by how rare a class is in the training examples: {@code n / (classes * count)},
   * as scikit-learn's "balanced"; 1 for a class that does not occur.
   */
  public static ClassWeights balanced() {
    return new ClassWeights(null, true);
  }

  /**
   * Returns these weights, in the order of the labels.
   *
   * @throws IllegalArgumentException when one is negative or not finite
   */
  public static ClassWeights of(double... weights) {
    for (double weight : weights) {
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "Class weights must be zero or positive numbers, but one is " + weight + ".");
      }
    }
    return new ClassWeights(weights.clone(), false);
  }

  /**
   * Returns the weight of each class, or null for none.
   *
   * @param labels class indices of the training examples, -1 where there is none
   * @throws IllegalArgumentException when another number of weights was given
   */
  double[] resolve(int[] labels, int classes) {
    if (balanced) {
      long[] counts = new long[classes];
      for (int label : labels) {
        if (label >= 0) {
          counts[label]++;
        }
      }
      double total = Arrays.stream(counts).sum();
      return Arrays.stream(counts).mapToDouble(n -> n == 0 ? 1 : total / (classes * n)).toArray();
    }
    if (given != null && given.length != classes) {
      throw new IllegalArgumentException(
          "There are " + given.length + " class weights, but the task has " + classes + " labels.");
    }
    return given == null ? null : given.clone();
  }

  @Override
  public String toString() {
    return balanced ? "balanced" : given == null ? "none" : Arrays.toString(given);
  }
}
