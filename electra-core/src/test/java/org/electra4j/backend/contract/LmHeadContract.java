package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.Philox;
import org.electra4j.backend.contract.Buffers.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tied output projection, its cross-entropy and exact sampling. */
public interface LmHeadContract extends ContractTest {
  String SIZES =
      """
      1,1,1
      1,7,31
      7,31,1
      31,257,33
      33,255,32
      65,1000,7
      257,33,64
      16,5003,64
      100,1024,128
      5,67,129
      9,131,264
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void lmHeadForward(int m, int v, int e) {
    for (float temperature : new float[] {1, 0.5f, 3}) {
      checkForward(LmHeadCases.forward(m, v, e, temperature, 1), m, v, e, temperature);
    }
    KernelCase lossOnly = LmHeadCases.lossOnly(m, v, e);
    KernelTester.check(this, lossOnly);
  }

  @Test
  default void lmHeadOfLargeMagnitudes() {
    checkForward(LmHeadCases.forward(33, 257, 64, 1, 30), 33, 257, 64, 1);
  }

  /** Checks losses, and that samples and predictions are what the logits of the reference allow. */
  private void checkForward(KernelCase asGiven, int m, int v, int e, float temperature) {
    Result result = KernelTester.check(this, asGiven);
    KernelCase logitsCase = LmHeadCases.logitsOf(asGiven, m, v, e);
    KernelCase seen = isBf16() ? KernelTester.rounded(logitsCase) : logitsCase;
    double[] logits = KernelTester.reference(Precision.FP32, seen).of("logits");
    double logitBound = new Tolerance(seen, false).bound("logits") + 2 * roundingOf(seen, logits);
    for (int row = 0; row < m; row++) {
      int predicted = (int) result.of("predicted")[row];
      int sampled = (int) result.of("sampled")[row];
      assertThat(predicted).isBetween(0, v - 1);
      assertThat(sampled).isBetween(0, v - 1);
      double max = Double.NEGATIVE_INFINITY;
      for (int id = 0; id < v; id++) {
        max = Math.max(max, logits[row * v + id]);
      }
      assertThat(logits[row * v + predicted])
          .as("predicted logit")
          .isGreaterThanOrEqualTo(max - 2 * logitBound);
      double before = 0;
      double sum = 0;
      for (int id = 0; id < v; id++) {
        double weight = Math.exp((logits[row * v + id] - max) / temperature);
        before += id < sampled ? weight : 0;
        sum += weight;
      }
      double own = Math.exp((logits[row * v + sampled] - max) / temperature);
      // logits off by b change every weight by a factor within exp(±b/T), the sum adds v roundings
      double slack = 2 * logitBound / temperature + (v + 8) * 0x1p-24;
      assertThat(
              (double) Philox.uniform(LmHeadCases.SEED, LmHeadCases.STREAM, LmHeadCases.STEP, row))
          .as("uniform of row %d, whose sample is %d", row, sampled)
          .isBetween(before / sum - slack, (before + own) / sum + slack);
      assertThat(own).as("weight of the sample").isPositive();
    }
  }

  /** Returns how far the logits of the plain loop are from the exact ones; 0 in fp32. */
  private double roundingOf(KernelCase logitsCase, double[] exact) {
    double worst = 0;
    if (isBf16()) {
      double[] plain = KernelTester.reference(Precision.BF16, logitsCase).of("logits");
      for (int i = 0; i < exact.length; i++) {
        worst = Math.max(worst, Math.abs(plain[i] - exact[i]));
      }
    }
    return worst;
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void lmHeadBackward(int m, int v, int e) {
    KernelTester.check(this, LmHeadCases.backwardOfGivenLse(m, v, e));
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void lmHeadLogits(int m, int v, int e) {
    KernelTester.check(this, LmHeadCases.logitsOf(LmHeadCases.lossOnly(m, v, e), m, v, e));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 37, Integer.MAX_VALUE, Integer.MIN_VALUE})
  default void lmHeadOfAnUnknownLabelThrows(int label) {
    Backend backend = backend();
    KernelCase kernel = LmHeadCases.lossOnly(9, 37, 8);
    kernel.arrays.get("labels").ints()[4] = label;
    assertThatThrownBy(
            () -> {
              Buffers.run(backend, kernel);
              backend.synchronize();
            })
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(Integer.toString(label));
    KernelTester.check(this, LmHeadCases.lossOnly(9, 37, 8));
  }

  @Test
  default void lmHeadOfNoRows() {
    KernelTester.check(this, LmHeadCases.lossOnly(0, 7, 4));
    KernelTester.check(this, LmHeadCases.backward(0, 7, 4));
    KernelTester.check(this, LmHeadCases.logitsOf(LmHeadCases.lossOnly(0, 7, 4), 0, 7, 4));
  }

  /** All logits equal, whole numbers that no order of summation can change: the lowest id wins. */
  @Test
  default void lmHeadPredictsTheLowestIdOnTies() {
    int m = 33;
    int v = 259;
    int e = 7;
    KernelCase kernel = LmHeadCases.forward(m, v, e, 1, 1);
    Values values = new Values(5);
    float[] row = values.wholeFloats(e, -3, 4);
    float[] table = kernel.arrays.get("table").floats();
    for (int i = 0; i < table.length; i++) {
      table[i] = row[i % e];
    }
    float[] x = kernel.arrays.get("x").floats();
    System.arraycopy(values.wholeFloats(m * e, -3, 4), 0, x, 0, x.length);
    float[] bias = kernel.arrays.get("bias").floats();
    for (int id = 0; id < v; id++) {
      bias[id] = id < 100 ? 1 : 2;
    }
    assertThat(KernelTester.check(this, kernel).of("predicted")).containsOnly(100);
  }

  /** 1024 equal weights have exact partial sums, so the sample is {@code floor(1024 uniform)}. */
  @Test
  default void lmHeadSamplesTheUniformOfPhilox() {
    int m = 300;
    KernelCase kernel = LmHeadCases.forward(m, 1024, 8, 0.7f, 1);
    java.util.Arrays.fill(kernel.arrays.get("table").floats(), 0);
    java.util.Arrays.fill(kernel.arrays.get("bias").floats(), 0);
    double[] sampled = KernelTester.check(this, kernel).of("sampled");
    for (int row = 0; row < m; row++) {
      float uniform = Philox.uniform(LmHeadCases.SEED, LmHeadCases.STREAM, LmHeadCases.STEP, row);
      assertThat(sampled[row]).as("sample of row %d", row).isEqualTo(Math.floor(1024 * uniform));
    }
  }

  @Test
  default void lmHeadRepeatsItsBits() {
    KernelTester.checkRepeats(this, LmHeadCases.backward(70, 1000, 33));
    KernelTester.checkRepeats(this, LmHeadCases.forward(70, 1000, 33, 1, 1));
  }
}
