package org.electra4j.bench.study;

import java.util.Arrays;

/**
 * Multinomial logistic regression on standardised features, trained to convergence: minimises
 * {@code mean(-log p(label)) + |W|² / (2 n)} (scikit-learn's default, C = 1; the biases are free).
 */
final class LogisticRegression {
  private static final double TOLERANCE = 1e-3;

  private final int classes;
  private final float[] mean;
  private final float[] scale;
  private final double[] weights; // (classes, features + 1), the bias last

  private LogisticRegression(int classes, float[] mean, float[] scale, double[] weights) {
    this.classes = classes;
    this.mean = mean;
    this.scale = scale;
    this.weights = weights;
  }

  /**
   * Returns the regression of labels in [0, classes) on rows of features.
   *
   * @throws IllegalStateException when it does not converge
   */
  static LogisticRegression fit(float[][] rows, int[] labels, int classes) {
    int features = rows[0].length;
    float[] mean = new float[features];
    float[] scale = new float[features];
    moments(rows, mean, scale);
    float[][] x = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      x[i] = standardize(rows[i], mean, scale);
    }
    Loss loss = new Loss(x, labels, classes);
    double[] weights = Lbfgs.minimize(classes * (features + 1), loss, TOLERANCE);
    return new LogisticRegression(classes, mean, scale, weights);
  }

  private static void moments(float[][] rows, float[] mean, float[] scale) {
    for (int j = 0; j < mean.length; j++) {
      double sum = 0;
      for (float[] row : rows) {
        sum += row[j];
      }
      double center = sum / rows.length;
      double squares = 0;
      for (float[] row : rows) {
        squares += (row[j] - center) * (row[j] - center);
      }
      double deviation = Math.sqrt(squares / rows.length);
      mean[j] = (float) center;
      scale[j] = deviation > 0 ? (float) (1 / deviation) : 0;
    }
  }

  private static float[] standardize(float[] row, float[] mean, float[] scale) {
    float[] x = new float[row.length];
    for (int j = 0; j < x.length; j++) {
      x[j] = (row[j] - mean[j]) * scale[j];
    }
    return x;
  }

  /** Returns the logit of each class. */
  double[] logits(float[] row) {
    float[] x = standardize(row, mean, scale);
    double[] logits = new double[classes];
    for (int k = 0; k < classes; k++) {
      int begin = k * (x.length + 1);
      double sum = weights[begin + x.length];
      for (int j = 0; j < x.length; j++) {
        sum += weights[begin + j] * x[j];
      }
      logits[k] = sum;
    }
    return logits;
  }

  /** Returns the class of the highest logit, the lowest on ties. */
  int predict(float[] row) {
    double[] logits = logits(row);
    int best = 0;
    for (int k = 1; k < classes; k++) {
      best = logits[k] > logits[best] ? k : best;
    }
    return best;
  }

  /** The objective. Rows and columns are both kept, so that both inner loops run over arrays. */
  private static final class Loss implements Lbfgs.Function {
    private static final int BLOCK = 512;

    private final float[][] rows;
    private final float[][] columns;
    private final int[] labels;
    private final int classes;
    private final int features;

    Loss(float[][] rows, int[] labels, int classes) {
      this.rows = rows;
      this.labels = labels;
      this.classes = classes;
      this.features = rows[0].length;
      this.columns = new float[features][rows.length];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < features; j++) {
          columns[j][i] = rows[i][j];
        }
      }
    }

    @Override
    public double apply(double[] weights, double[] gradient) {
      float[] w = new float[weights.length];
      for (int i = 0; i < w.length; i++) {
        w[i] = (float) weights[i];
      }
      Arrays.fill(gradient, 0);
      float[][] logits = new float[classes][BLOCK];
      double sum = 0;
      for (int begin = 0; begin < rows.length; begin += BLOCK) {
        int count = Math.min(BLOCK, rows.length - begin);
        forward(w, begin, count, logits);
        sum += residuals(begin, count, logits);
        backward(begin, count, logits, gradient);
      }
      return regularize(weights, gradient, sum / rows.length);
    }

    private void forward(float[] w, int begin, int count, float[][] logits) {
      for (int k = 0; k < classes; k++) {
        float[] z = logits[k];
        Arrays.fill(z, 0, count, w[k * (features + 1) + features]);
        for (int j = 0; j < features; j++) {
          float factor = w[k * (features + 1) + j];
          float[] column = columns[j];
          for (int i = 0; i < count; i++) {
            z[i] += factor * column[begin + i];
          }
        }
      }
    }

    /** Overwrites logits with probability minus label; returns the sum of losses. */
    private double residuals(int begin, int count, float[][] logits) {
      double sum = 0;
      for (int i = 0; i < count; i++) {
        double max = Double.NEGATIVE_INFINITY;
        for (float[] z : logits) {
          max = Math.max(max, z[i]);
        }
        double total = 0;
        for (float[] z : logits) {
          total += Math.exp(z[i] - max);
        }
        int label = labels[begin + i];
        sum += Math.log(total) + max - logits[label][i];
        for (float[] z : logits) {
          z[i] = (float) (Math.exp(z[i] - max) / total);
        }
        logits[label][i] -= 1;
      }
      return sum;
    }

    private void backward(int begin, int count, float[][] residuals, double[] gradient) {
      float[] g = new float[features];
      for (int k = 0; k < classes; k++) {
        Arrays.fill(g, 0);
        double bias = 0;
        for (int i = 0; i < count; i++) {
          float factor = residuals[k][i];
          float[] row = rows[begin + i];
          bias += factor;
          for (int j = 0; j < features; j++) {
            g[j] += factor * row[j];
          }
        }
        int first = k * (features + 1);
        for (int j = 0; j < features; j++) {
          gradient[first + j] += g[j];
        }
        gradient[first + features] += bias;
      }
    }

    private double regularize(double[] weights, double[] gradient, double loss) {
      double squares = 0;
      for (int i = 0; i < weights.length; i++) {
        double weight = i % (features + 1) == features ? 0 : weights[i];
        squares += weight * weight;
        gradient[i] = (gradient[i] + weight) / rows.length;
      }
      return loss + squares / (2 * rows.length);
    }
  }
}
