package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax cross-entropy over a few classes. */
public interface ClassLossContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,2,7",
    "7,3,31",
    "31,2,33",
    "33,7,32",
    "255,3,7",
    "257,31,64",
    "5,33,257",
    "32,2,256",
    "64,257,128"
  })
  default void classLoss(int rows, int classes, int h) {
    for (Wanted wanted : Wanted.values()) {
      KernelTester.check(this, LossCases.classes(rows, classes, h, 1, wanted));
    }
  }

  @Test
  default void classLossOfLargeMagnitudes() {
    KernelTester.check(this, LossCases.classes(65, 5, 64, 100, Wanted.GRADIENT));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, Integer.MAX_VALUE})
  default void classLossOfAnUnknownLabelThrows(int label) {
    Backend backend = backend();
    KernelCase kernel = LossCases.classes(33, 5, 8, 1, Wanted.GRADIENT);
    kernel.arrays.get("labels").ints()[20] = label;
    assertThatThrownBy(
            () -> {
              Buffers.run(backend, kernel);
              backend.synchronize();
            })
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(Integer.toString(label));
    KernelTester.check(this, LossCases.classes(33, 5, 8, 1, Wanted.GRADIENT));
  }

  @Test
  default void classLossOfNoRowsIsZero() {
    KernelCase kernel = LossCases.classes(0, 3, 8, 1, Wanted.GRADIENT);
    assertThat(KernelTester.check(this, kernel).of("sums")).containsOnly(0);
  }

  @Test
  default void classLossCountsTheLowestClassOnTies() {
    KernelCase kernel = LossCases.classes(33, 4, 8, 1, Wanted.LOSS);
    Arrays.fill(kernel.arrays.get("w").floats(), 0);
    Arrays.fill(kernel.arrays.get("bias").floats(), 1);
    Arrays.fill(kernel.arrays.get("labels").ints(), 0);
    Arrays.fill(kernel.arrays.get("labels").ints(), 20, 33, 1);
    assertThat(KernelTester.check(this, kernel).of("sums")).endsWith(33, 20);
  }
}
