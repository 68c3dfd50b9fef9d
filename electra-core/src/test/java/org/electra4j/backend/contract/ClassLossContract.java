package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
