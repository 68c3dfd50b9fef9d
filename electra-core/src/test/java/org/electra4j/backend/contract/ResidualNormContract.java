package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.backend.Philox;
import org.electra4j.backend.contract.ResidualNormCases.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The end of a sub-layer. */
public interface ResidualNormContract extends ContractTest {
  String SIZES =
      """
      1,1
      1,7
      7,31
      31,33
      33,32
      32,255
      255,7
      257,64
      5,257
      100,128
      64,256
      9,768
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void residualNormForward(int t, int n) {
    for (float p : new float[] {0, 0.1f}) {
      KernelTester.check(this, ResidualNormCases.forward(t, n, Options.full(p)));
      KernelTester.check(this, ResidualNormCases.forward(t, n, Options.full(p).inPlace()));
    }
    KernelTester.check(this, ResidualNormCases.forward(t, n, Options.plain()));
    KernelTester.check(this, ResidualNormCases.forward(t, n, Options.plain().nothingKept()));
    KernelTester.check(this, ResidualNormCases.forward(t, n, Options.full(0).nothingKept()));
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void residualNormBackward(int t, int n) {
    for (float p : new float[] {0, 0.1f}) {
      KernelTester.check(this, ResidualNormCases.backward(t, n, Options.full(p), false));
      KernelTester.check(this, ResidualNormCases.backward(t, n, Options.full(p).inPlace(), false));
    }
    KernelTester.check(this, ResidualNormCases.backward(t, n, Options.plain(), false));
    KernelTester.check(this, ResidualNormCases.backward(t, n, Options.plain().inPlace(), false));
    KernelTester.check(this, ResidualNormCases.backward(t, n, Options.full(0), true));
  }

  /** A mean a thousand deviations from zero: statistics in one pass would lose all digits. */
  @Test
  default void residualNormOfAShiftedRow() {
    int t = 5;
    int n = 64;
    KernelCase kernel = ResidualNormCases.forward(t, n, Options.plain());
    Values values = new Values(3);
    float[] x = kernel.arrays.get("x").floats();
    float[] shifted = values.shifted(t * n, isBf16() ? 16 : 1024, 1);
    System.arraycopy(shifted, 0, x, 0, x.length);
    KernelTester.check(this, kernel);
  }

  @Test
  default void residualNormOfNoTokens() {
    KernelTester.check(this, ResidualNormCases.forward(0, 8, Options.full(0)));
    KernelTester.check(this, ResidualNormCases.backward(0, 8, Options.full(0), false));
  }

  @Test
  default void residualNormRepeatsItsBits() {
    KernelTester.checkRepeats(this, ResidualNormCases.backward(300, 65, Options.full(0.1f), false));
  }

  /** With x = 1 and no bias or residual, h shows the dropout factors. */
  @Test
  default void residualNormDropsTheBitsOfPhilox() {
    int t = 21;
    int n = 29;
    float p = 0.1f;
    KernelCase kernel = ResidualNormCases.forward(t, n, new Options(p, false, false, false, true));
    java.util.Arrays.fill(kernel.arrays.get("x").floats(), 1);
    double[] h = KernelTester.check(this, kernel).of("h");
    float scale = Philox.dropoutScale(p);
    for (int i = 0; i < h.length; i++) {
      boolean kept =
          Philox.dropoutKeeps(
              ResidualNormCases.SEED, ResidualNormCases.STREAM, ResidualNormCases.STEP, i, p);
      float expected = kept ? (isBf16() ? Values.bf16(scale) : scale) : 0;
      assertThat((float) h[i]).as("factor of element %d", i).isEqualTo(expected);
    }
  }
}
