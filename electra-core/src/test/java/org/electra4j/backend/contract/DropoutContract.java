package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.electra4j.backend.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dropout by itself. */
public interface DropoutContract extends ContractTest {
  long SEED = 0x123456789ABCDEFL;
  long STEP = 1L << 33;
  int STREAM = 77;

  private static KernelCase dropout(float[] x, float p, boolean inPlace) {
    int count = x.length;
    KernelCase kernel = new KernelCase(1);
    if (inPlace) {
      kernel.updatedActivation("y", x);
    } else {
      kernel.activation("x", x).overwrittenActivation("y", count);
    }
    String source = inPlace ? "y" : "x";
    return kernel.call((b, a) -> b.dropout(a.at("y"), a.at(source), count, p, SEED, STEP, STREAM));
  }

  @ParameterizedTest
  @CsvSource({"1,0.1", "7,0", "31,0.5", "33,0.1", "257,0.9", "4095,0.1", "4099,0.3", "100003,0.1"})
  default void dropout(int count, float p) {
    for (boolean inPlace : new boolean[] {false, true}) {
      KernelTester.check(this, dropout(new Values(count).normal(count, 1), p, inPlace));
    }
  }

  @Test
  default void dropoutOfNothingDoesNothing() {
    KernelCase kernel =
        new KernelCase(1)
            .updatedActivation("y", new float[] {1, 2, 3})
            .exact("y")
            .call((b, a) -> b.dropout(a.at("y"), a.at("y"), 0, 0.5f, SEED, STEP, STREAM));
    assertThat(KernelTester.check(this, kernel).of("y")).containsExactly(1, 2, 3);
  }

  @Test
  default void dropoutDropsTheBitsOfPhilox() {
    float p = 0.1f;
    float[] ones = new float[8_200];
    Arrays.fill(ones, 1);
    double[] y = KernelTester.check(this, dropout(ones, p, false)).of("y");
    float scale = isBf16() ? Values.bf16(Philox.dropoutScale(p)) : Philox.dropoutScale(p);
    for (int i = 0; i < y.length; i++) {
      float expected = Philox.dropoutKeeps(SEED, STREAM, STEP, i, p) ? scale : 0;
      assertThat((float) y[i]).as("factor of element %d", i).isEqualTo(expected);
    }
  }
}
