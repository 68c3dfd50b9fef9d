package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.electra4j.Precision;
import org.electra4j.backend.contract.Buffers.Result;

/**
 * How far an output may be from the reference: two rules, no number of any single test.
 *
 * <p><b>fp32.</b> Sums of n terms in floating point with unit roundoff u are the exact sums of
 * terms that are each off by a relative error of at most about n u (Higham, Accuracy and Stability
 * of Numerical Algorithms, section 4.2), with random rounding about √n u (Higham and Mary, SIAM J.
 * Sci. Comput. 41, 2019). A kernel is a short chain of such sums and of functions that are good to
 * a few u, hence to first order it computes {@code f(x (1 + θ))} with |θ| ≤ c √n u. What such a
 * change does to an output is measured: the reference runs on inputs changed by a relative ±δ with
 * random signs, and {@code κ = max |f(x ± δ x) - f(x)| / δ} over the array and over some sign
 * patterns. Random signs see √(Σ terms²) where the bound needs Σ |terms|, up to √n larger.
 * Together:
 *
 * <pre>|a - b| ≤ 4 u (n + 8) κ + u |b|</pre>
 *
 * where the 8 stands for the roundings outside of the sum and the last term for storing the result.
 *
 * <p><b>bf16.</b> The truth is the fp32 reference on the same inputs, all of them representable in
 * bf16; the yardstick is the error of the bf16 reference, the plain loop that rounds where it must.
 * The root mean square and the largest error may be twice the yardstick's (plus the fp32 rule: sums
 * are in fp32). Where an output is stored in bf16, one element may besides fall on the other side
 * of a rounding boundary, one unit in the last place of the largest value: without that, arrays
 * whose yardstick happens to be exact would be unfair.
 */
final class Tolerance {
  private static final double UNIT_ROUNDOFF = 0x1p-24;
  private static final double DELTA = 0x1p-14;
  private static final int SIGN_PATTERNS = 3;

  private final KernelCase kernel;
  private final boolean bf16;
  private final Result truth;
  private final Result[] changed = new Result[SIGN_PATTERNS];
  private final Result yardstick;

  Tolerance(KernelCase kernel, boolean bf16) {
    this.kernel = kernel;
    this.bf16 = bf16;
    truth = KernelTester.reference(Precision.FP32, kernel);
    yardstick = bf16 ? KernelTester.reference(Precision.BF16, kernel) : truth;
    for (int pattern = 0; pattern < SIGN_PATTERNS; pattern++) {
      changed[pattern] = KernelTester.reference(Precision.FP32, changed(pattern));
    }
  }

  private KernelCase changed(int pattern) {
    Random random = new Random(pattern);
    Map<String, float[]> contents = new HashMap<>();
    kernel.arrays.forEach(
        (name, array) -> {
          if (array.isFloating() && array.floats() != null) {
            float[] content = array.floats().clone();
            for (int i = 0; i < content.length; i++) {
              content[i] *= (float) (random.nextBoolean() ? 1 + DELTA : 1 - DELTA);
            }
            contents.put(name, content);
          }
        });
    return kernel.withFloats(contents);
  }

  /** Returns the fp32 bound of the elements of an output before the last one, without storing. */
  double bound(String name) {
    double[] expected = truth.of(name);
    double kappa = 0;
    for (Result result : changed) {
      double[] other = result.of(name);
      for (int i = 0; i < tolerant(name); i++) {
        double change = Math.abs(other[i] - expected[i]) / DELTA;
        kappa = Double.isFinite(change) ? Math.max(kappa, change) : kappa;
      }
    }
    return 4 * UNIT_ROUNDOFF * (kernel.terms + 8) * kappa;
  }

  private int tolerant(String name) {
    boolean exact =
        kernel.exact.contains(name) || kernel.arrays.get(name).type() == KernelCase.Type.INT;
    return exact ? 0 : kernel.exactFrom.getOrDefault(name, truth.of(name).length);
  }

  void verify(Result actual) {
    for (String name : actual.values().keySet()) {
      if (!kernel.unchecked.contains(name)) {
        verify(name, actual.of(name));
      }
    }
  }

  private void verify(String name, double[] actual) {
    double[] expected = truth.of(name);
    int tolerant = tolerant(name);
    double[] exact = bf16 && kernel.exact.contains(name) ? yardstick.of(name) : expected;
    for (int i = tolerant; i < actual.length; i++) {
      assertThat(actual[i]).as("%s[%d]", name, i).isEqualTo(exact[i]);
    }
    if (bf16) {
      verifyBf16(name, actual, expected, tolerant);
    } else {
      verifyFp32(name, actual, expected, tolerant);
    }
  }

  private void verifyFp32(String name, double[] actual, double[] expected, int count) {
    double bound = bound(name);
    for (int i = 0; i < count; i++) {
      if (!sameNonFinite(actual[i], expected[i])) {
        assertThat(Math.abs(actual[i] - expected[i]))
            .as("error of %s[%d] = %s, reference %s", name, i, actual[i], expected[i])
            .isLessThanOrEqualTo(bound + UNIT_ROUNDOFF * Math.abs(expected[i]));
      }
    }
  }

  private void verifyBf16(String name, double[] actual, double[] expected, int count) {
    double[] plain = yardstick.of(name);
    double largest = 0;
    double squares = 0;
    double worst = 0;
    double plainSquares = 0;
    double plainWorst = 0;
    for (int i = 0; i < count; i++) {
      if (sameNonFinite(actual[i], expected[i])) {
        continue;
      }
      double error = Math.abs(actual[i] - expected[i]);
      assertThat(error)
          .as("error of %s[%d] = %s, reference %s", name, i, actual[i], expected[i])
          .isFinite();
      double plainError = Math.abs(plain[i] - expected[i]);
      largest = Math.max(largest, Math.abs(expected[i]));
      squares += error * error;
      worst = Math.max(worst, error);
      plainSquares += plainError * plainError;
      plainWorst = Math.max(plainWorst, plainError);
    }
    boolean stored = kernel.arrays.get(name).type() == KernelCase.Type.ACTIVATION;
    double ulp = stored && largest > 0 ? Math.scalb(1.0, Math.getExponent(largest) - 7) : 0;
    double bound = bound(name) + UNIT_ROUNDOFF * largest;
    assertThat(worst)
        .as("largest error of %s, that of the plain loop %s", name, plainWorst)
        .isLessThanOrEqualTo(2 * plainWorst + ulp + bound);
    assertThat(Math.sqrt(squares / Math.max(count, 1)))
        .as("root mean square error of %s", name)
        .isLessThanOrEqualTo(
            2 * Math.sqrt(plainSquares / Math.max(count, 1))
                + ulp / Math.sqrt(Math.max(count, 1))
                + bound);
  }

  private static boolean sameNonFinite(double actual, double expected) {
    return !Double.isFinite(expected) && Double.compare(actual, expected) == 0;
  }
}
