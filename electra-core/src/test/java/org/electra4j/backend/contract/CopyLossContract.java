package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The copy mechanism of All-Tokens MLM. */
public interface CopyLossContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,1", "1,7", "7,31", "31,33", "33,32", "32,255", "255,7", "257,64", "5,257", "64,256"
  })
  default void copyLoss(int rows, int h) {
    KernelTester.check(this, LossCases.copy(rows, h, 1, 10, Wanted.GRADIENT));
    KernelTester.check(this, LossCases.copy(rows, h, 1, 10, Wanted.LOSS));
  }

  /** Saturated copy gates and probabilities below the smallest float stay finite. */
  @Test
  default void copyLossOfLargeMagnitudes() {
    KernelTester.check(this, LossCases.copy(65, 64, 30, 300, Wanted.GRADIENT));
  }

  @Test
  default void copyLossOfNoRowsIsZero() {
    KernelCase kernel = LossCases.copy(0, 8, 1, 10, Wanted.GRADIENT);
    assertThat(KernelTester.check(this, kernel).of("sums")).containsOnly(0);
  }
}
