package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loss of replaced-token detection. */
public interface RtdLossContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,1", "1,7", "7,31", "31,33", "33,32", "32,255", "255,7", "257,64", "5,257", "100,128",
    "64,256"
  })
  default void rtdLoss(int t, int h) {
    for (Wanted wanted : Wanted.values()) {
      KernelTester.check(this, LossCases.rtd(t, h, 1, wanted));
    }
  }

  @Test
  default void rtdLossOfLargeMagnitudes() {
    KernelTester.check(this, LossCases.rtd(65, 64, 100, Wanted.GRADIENT));
  }

  @Test
  default void rtdLossOfNoTokensIsZero() {
    assertThat(KernelTester.check(this, LossCases.rtd(0, 8, 1, Wanted.GRADIENT)).of("sums"))
        .containsOnly(0);
  }

  @Test
  default void rtdLossOfIgnoredTokensIsZero() {
    KernelCase kernel = LossCases.rtd(33, 8, 1, Wanted.GRADIENT);
    Arrays.fill(kernel.arrays.get("labels").ints(), -1);
    Buffers.Result result = KernelTester.check(this, kernel);
    assertThat(result.of("sums")).containsOnly(0);
    assertThat(result.of("dx")).containsOnly(0);
  }

  @Test
  default void rtdLossRepeatsItsBits() {
    KernelTester.checkRepeats(this, LossCases.rtd(1000, 33, 1, Wanted.GRADIENT));
  }
}
