package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.backend.contract.Buffers.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradient norm and the AdamW step. */
public interface OptimizerContract extends ContractTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 31, 33, 255, 257, 100_003})
  default void squaredNorm(int count) {
    KernelCase kernel =
        new KernelCase(Math.max(1, count))
            .floats("x", new Values(count).normal(count, 3))
            .overwrittenDoubles("sum", 1)
            .call((b, a) -> b.squaredNorm(a.at("sum"), a.at("x"), count));
    KernelTester.check(this, kernel);
    KernelTester.checkRepeats(this, kernel);
  }

  @Test
  default void squaredNormOfLargeMagnitudes() {
    KernelCase kernel =
        new KernelCase(3)
            .floats("x", new float[] {1e25f, -1e25f, 1e-25f})
            .overwrittenDoubles("sum", 1)
            .call((b, a) -> b.squaredNorm(a.at("sum"), a.at("x"), 3));
    assertThat(KernelTester.check(this, kernel).of("sum")[0]).isBetween(1.9e50, 2.1e50);
  }

  @ParameterizedTest
  @CsvSource({"0,false", "1,false", "0.001,true", "1e6,true"})
  default void adamW(float maxGradNorm, boolean biasCorrection) {
    KernelCase kernel =
        OptimizerCases.step(isBf16(), maxGradNorm, biasCorrection, OptimizerCases.GRADIENT);
    Result result = KernelTester.check(this, kernel);
    OptimizerCases.assertGapsUntouched(kernel, result);
    double[] grad = result.of("grad");
    double[] w = result.of("w");
    for (int i = 0; i < grad.length; i++) {
      if (OptimizerCases.inSegment(i)) {
        assertThat(grad[i]).as("gradient %d is zeroed", i).isZero();
        if (isBf16()) {
          assertThat((float) result.of("working")[i])
              .as("working copy %d is the rounded master", i)
              .isEqualTo(Values.bf16((float) w[i]));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  default void adamWSkipsWhatIsNotFinite(float bad) {
    KernelCase kernel = OptimizerCases.step(isBf16(), 1, false, bad);
    Result result = KernelTester.check(this, kernel);
    OptimizerCases.assertGapsUntouched(kernel, result);
    for (String name : new String[] {"w", "m", "v"}) {
      assertThat(Values.floats(result.of(name)))
          .as("%s stays", name)
          .isEqualTo(kernel.arrays.get(name).floats());
    }
    for (int i = 0; i < OptimizerCases.SIZE; i++) {
      if (OptimizerCases.inSegment(i)) {
        assertThat(result.of("grad")[i]).isZero();
      }
    }
  }
}
