package org.electra4j.bench.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {

  @Test
  void oneFeatureOfTwoClassesHasTheKnownOptimum() {
    // Standardised, x is -1 or 1; three of four labels follow its sign. By symmetry the classes'
    // weights are -w and w: 8 (-3/4 log s - 1/4 log(1 - s)) + w² is minimal, s = sigmoid(2 w).
    float[][] rows = {{10}, {10}, {10}, {10}, {20}, {20}, {20}, {20}};
    int[] labels = {0, 0, 0, 1, 1, 1, 1, 0};
    LogisticRegression regression = LogisticRegression.fit(rows, labels, 2);
    double[] logits = regression.logits(new float[] {20});
    double w = (logits[1] - logits[0]) / 2;
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      double sigmoid = 1 / (1 + Math.exp(-2 * middle));
      double gradient = 16 * sigmoid - 12 + 2 * middle;
      low = gradient < 0 ? middle : low;
      high = gradient < 0 ? high : middle;
    }
    assertThat(w).isCloseTo(low, within(5e-3));
    assertThat(regression.predict(new float[] {20})).isEqualTo(1);
    assertThat(regression.predict(new float[] {10})).isZero();
  }

  @Test
  void manyRowsAreFittedAtAStationaryPoint() {
    int n = 1_500; // several blocks, the last one short
    Random random = new Random(3);
    float[][] rows = new float[n][5];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < 5; j++) {
        rows[i][j] = (float) random.nextGaussian();
      }
      labels[i] = rows[i][0] + 0.5 * random.nextGaussian() > 0.4 ? 2 : rows[i][1] > 0 ? 1 : 0;
    }
    LogisticRegression regression = LogisticRegression.fit(rows, labels, 3);
    // There, p - y is orthogonal to a constant, the biases being free, and but for the penalty,
    // at most |w| / n, to each feature, whose mean is near 0 and deviation near 1.
    double[][] moments = new double[3][6];
    for (int i = 0; i < n; i++) {
      double[] logits = regression.logits(rows[i]);
      double total = Arrays.stream(logits).map(Math::exp).sum();
      for (int k = 0; k < 3; k++) {
        double residual = Math.exp(logits[k]) / total - (labels[i] == k ? 1 : 0);
        moments[k][5] += residual / n;
        for (int j = 0; j < 5; j++) {
          moments[k][j] += residual * rows[i][j] / n;
        }
      }
    }
    for (double[] ofClass : moments) {
      for (double moment : ofClass) {
        assertThat(moment).isCloseTo(0, within(0.01));
      }
      assertThat(ofClass[5]).isCloseTo(0, within(1e-3));
    }
  }

  @Test
  void aConstantFeatureIsHarmless() {
    float[][] rows = {{7, -1}, {7, 1}, {7, -2}, {7, 2}};
    LogisticRegression regression = LogisticRegression.fit(rows, new int[] {0, 1, 0, 1}, 2);
    assertThat(regression.predict(new float[] {7, -3})).isZero();
    assertThat(regression.predict(new float[] {7, 3})).isEqualTo(1);
  }
}
