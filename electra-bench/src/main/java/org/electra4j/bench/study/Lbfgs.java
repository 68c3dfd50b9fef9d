package org.electra4j.bench.study;

import java.util.ArrayDeque;
import java.util.Iterator;

/** Minimises a smooth convex function by limited-memory BFGS; no randomness. */
final class Lbfgs {
  private static final int PAIRS = 10;
  private static final int MOST_ITERATIONS = 2_000;
  private static final double SUFFICIENT_DECREASE = 1e-4;

  /** A function and its gradient. */
  @FunctionalInterface
  interface Function {
    /** Returns the value at {@code x} and overwrites {@code gradient}. */
    double apply(double[] x, double[] gradient);
  }

  private record Pair(double[] s, double[] y, double rho) {}

  private final ArrayDeque<Pair> pairs = new ArrayDeque<>();

  private Lbfgs() {}

  /**
   * Returns the minimum that is reached from the origin when no component of the gradient exceeds
   * {@code tolerance}.
   *
   * @throws IllegalStateException when it is not reached
   */
  static double[] minimize(int size, Function function, double tolerance) {
    return new Lbfgs().run(size, function, tolerance);
  }

  private double[] run(int size, Function function, double tolerance) {
    double[] x = new double[size];
    double[] gradient = new double[size];
    double value = function.apply(x, gradient);
    double[] next = new double[size];
    double[] nextGradient = new double[size];
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      if (largest(gradient) <= tolerance) {
        return x;
      }
      double[] direction = direction(gradient);
      double slope = dot(direction, gradient);
      double step = pairs.isEmpty() ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
      double nextValue;
      while (true) {
        for (int j = 0; j < size; j++) {
          next[j] = x[j] + step * direction[j];
        }
        nextValue = function.apply(next, nextGradient);
        if (nextValue <= value + SUFFICIENT_DECREASE * step * slope) {
          break;
        }
        step /= 2;
        if (step < 1e-12) {
          throw new IllegalStateException(
              "The line search failed at a gradient of " + largest(gradient) + ".");
        }
      }
      remember(x, next, gradient, nextGradient);
      System.arraycopy(next, 0, x, 0, size);
      System.arraycopy(nextGradient, 0, gradient, 0, size);
      value = nextValue;
    }
    throw new IllegalStateException(
        "No minimum after " + MOST_ITERATIONS + " iterations: " + largest(gradient) + ".");
  }

  private void remember(double[] x, double[] next, double[] gradient, double[] nextGradient) {
    double[] s = new double[x.length];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      s[i] = next[i] - x[i];
      y[i] = nextGradient[i] - gradient[i];
    }
    double curvature = dot(s, y);
    if (curvature > 1e-12 * dot(y, y)) {
      if (pairs.size() == PAIRS) {
        pairs.removeFirst();
      }
      pairs.addLast(new Pair(s, y, 1 / curvature));
    }
  }

  /** The two-loop recursion (Nocedal and Wright, Numerical Optimization, algorithm 7.4). */
  private double[] direction(double[] gradient) {
    double[] q = gradient.clone();
    double[] alpha = new double[pairs.size()];
    int i = pairs.size();
    for (Iterator<Pair> newest = pairs.descendingIterator(); newest.hasNext(); ) {
      Pair pair = newest.next();
      alpha[--i] = pair.rho() * dot(pair.s(), q);
      add(q, -alpha[i], pair.y());
    }
    if (!pairs.isEmpty()) {
      Pair last = pairs.peekLast();
      scale(q, 1 / (last.rho() * dot(last.y(), last.y())));
    }
    for (Pair pair : pairs) {
      add(q, alpha[i++] - pair.rho() * dot(pair.y(), q), pair.s());
    }
    scale(q, -1);
    return q;
  }

  private static double largest(double[] x) {
    double largest = 0;
    for (double value : x) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] x, double factor, double[] y) {
    for (int i = 0; i < x.length; i++) {
      x[i] += factor * y[i];
    }
  }

  private static void scale(double[] x, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }
}
