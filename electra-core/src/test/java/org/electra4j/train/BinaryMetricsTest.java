package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BinaryMetricsTest {
  @Property
  void aucIsTheShareOfPairsInOrder(
      @ForAll @Size(min = 1, max = 60) int @IntRange(min = -4, max = 4) [] halves,
      @ForAll @Size(60) boolean[] replaced) {
    float[] logits = new float[halves.length];
    int[] labels = new int[halves.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = halves[i] / 2f; // few values, so many ties
      labels[i] = replaced[i] ? 1 : 0;
    }
    assertAucIsThatOfPairs(logits, labels);
  }

  @Property
  void aucOrdersFloatsOfBothSigns(
      @ForAll @Size(40) float @FloatRange(min = -1e30f, max = 1e30f) [] logits,
      @ForAll @Size(40) boolean[] replaced) {
    int[] labels = new int[40];
    for (int i = 0; i < 40; i++) {
      labels[i] = replaced[i] ? 1 : 0;
    }
    assertAucIsThatOfPairs(logits, labels);
  }

  private static void assertAucIsThatOfPairs(float[] logits, int[] labels) {
    double wins = 0;
    long pairs = 0;
    for (int i = 0; i < logits.length; i++) {
      for (int j = 0; j < logits.length; j++) {
        if (labels[i] == 1 && labels[j] == 0) {
          wins += logits[i] > logits[j] ? 1 : logits[i] == logits[j] ? 0.5 : 0;
          pairs++;
        }
      }
    }
    double auc = BinaryMetrics.of(logits, labels).auc();
    if (pairs == 0) {
      assertThat(auc).isNaN();
    } else {
      assertThat(auc).isCloseTo(wins / pairs, within(1e-12));
    }
  }

  @Test
  void aucOfNegativeLogits() {
    float[] logits = {-3, -2, -1, -0.5f};
    assertThat(BinaryMetrics.of(logits, new int[] {0, 0, 1, 1}).auc()).isEqualTo(1);
    assertThat(BinaryMetrics.of(logits, new int[] {1, 1, 0, 0}).auc()).isEqualTo(0);
  }

  @Test
  void bothZerosTie() {
    assertThat(BinaryMetrics.of(new float[] {0f, -0f}, new int[] {1, 0}).auc()).isEqualTo(0.5);
  }

  @Test
  void countsOfAConfusionMatrix() {
    // suspected: 1, 1, 0 of the replaced; 1, 0, 0, 0, 0 of the originals; 0 is not suspected
    float[] logits = {2, 1, -1, 3, 0, -1, -2, -3};
    int[] labels = {1, 1, 1, 0, 0, 0, 0, 0};
    BinaryMetrics metrics = BinaryMetrics.of(logits, labels);
    assertThat(metrics.precision()).isEqualTo(2 / 3.0);
    assertThat(metrics.recall()).isEqualTo(2 / 3.0);
    assertThat(metrics.accuracy()).isEqualTo(6 / 8.0);
    assertThat(metrics.balancedAccuracy()).isCloseTo((2 / 3.0 + 4 / 5.0) / 2, within(1e-12));
    assertThat(metrics.positives()).isEqualTo(3);
    assertThat(metrics.count()).isEqualTo(8);
  }

  @Test
  void aClassThatIsMissingGivesNoAuc() {
    assertThat(BinaryMetrics.of(new float[] {1, -1}, new int[] {0, 0}).auc()).isNaN();
    BinaryMetrics positives = BinaryMetrics.of(new float[] {-1, -1}, new int[] {1, 1});
    assertThat(positives.auc()).isNaN();
    assertThat(positives.precision()).isZero();
    assertThat(positives.recall()).isZero();
  }
}
