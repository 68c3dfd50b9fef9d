package org.electra4j.bench.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LbfgsTest {

  @Test
  void findsTheMinimumOfAnIllConditionedBowl() {
    double[] x =
        Lbfgs.minimize(
            20,
            (at, gradient) -> {
              double sum = 0;
              for (int i = 0; i < at.length; i++) {
                double weight = Math.pow(10, i / 5.0);
                sum += weight * (at[i] - i) * (at[i] - i) / 2;
                gradient[i] = weight * (at[i] - i);
              }
              return sum;
            },
            1e-6);
    for (int i = 0; i < x.length; i++) {
      assertThat(x[i]).isCloseTo(i, within(1e-6));
    }
  }

  @Test
  void saysWhenThereIsNoMinimum() {
    assertThatThrownBy(
            () ->
                Lbfgs.minimize(
                    1,
                    (at, gradient) -> {
                      gradient[0] = -1;
                      return -at[0];
                    },
                    1e-6))
        .isInstanceOf(IllegalStateException.class);
  }
}
