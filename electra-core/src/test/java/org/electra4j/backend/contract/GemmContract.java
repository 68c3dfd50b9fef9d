package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.electra4j.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with weight matrices, and GELU. */
public interface GemmContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,7,31",
    "7,1,33",
    "31,32,33",
    "33,31,7",
    "32,33,32",
    "255,7,64",
    "7,257,255",
    "257,31,33",
    "33,255,257",
    "64,128,256",
    "128,256,64",
    "100,256,64",
    "110,90,700"
  })
  default void gemmForward(int t, int n, int k) {
    for (boolean withBias : new boolean[] {false, true}) {
      KernelTester.check(this, GemmCases.forward(t, n, k, withBias, false, false));
    }
    KernelTester.check(this, GemmCases.forward(t, n, k, true, true, true));
    KernelTester.check(this, GemmCases.forward(t, n, k, true, true, false));
    KernelTester.check(this, GemmCases.forward(t, n, k, false, true, true));
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,7,31",
    "7,1,33",
    "13,32,33",
    "12,31,7",
    "32,33,32",
    "255,7,64",
    "7,257,255",
    "97,300,33",
    "33,255,257",
    "16,768,256"
  })
  default void gemmForwardOfFrozenWeights(int t, int n, int k) {
    KernelTester.check(this, GemmCases.frozen(t, n, k, false));
    KernelTester.check(this, GemmCases.frozen(t, n, k, true));
  }

  @Test
  default void releasedWeightsAreForgotten() {
    Backend b = backend();
    for (float value : new float[] {1, 2, 3}) {
      long block = b.alloc(3 * 64);
      b.upload(block, new float[] {value}, 0, 1);
      b.toActivation(block + 64, block, 1);
      b.freeze(block + 64, 4);
      b.gemmForward(block + 128, 0, block + 64, block + 64, 0, 1, 1, 1, false);
      b.fromActivation(block, block + 128, 1);
      float[] y = new float[1];
      b.download(block, y, 0, 1);
      assertThat(y).containsExactly(value * value);
      b.release(block);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,7,31",
    "7,1,33",
    "31,32,33",
    "33,31,7",
    "32,33,32",
    "255,7,64",
    "7,257,255",
    "257,31,33",
    "33,255,257",
    "64,128,256",
    "128,256,64",
    "110,700,90"
  })
  default void gemmBackwardInput(int t, int n, int k) {
    KernelTester.check(this, GemmCases.backwardInput(t, n, k, false, false));
    KernelTester.check(this, GemmCases.backwardInput(t, n, k, true, false));
    KernelTester.check(this, GemmCases.backwardInput(t, n, k, false, true));
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1",
    "1,7,31",
    "7,1,33",
    "31,32,33",
    "33,31,7",
    "32,33,32",
    "255,7,64",
    "7,257,255",
    "257,31,33",
    "33,255,257",
    "64,128,256",
    "128,256,64",
    "1025,33,7",
    "300,270,300"
  })
  default void gemmBackwardWeight(int t, int n, int k) {
    KernelTester.check(this, GemmCases.backwardWeight(t, n, k, true));
    KernelTester.check(this, GemmCases.backwardWeight(t, n, k, false));
  }

  @Test
  default void gemmOfLargeMagnitudes() {
    Values values = new Values(9);
    KernelCase kernel =
        new KernelCase(64)
            .activation("x", values.normal(9 * 64, 1e4))
            .activation("w", values.normal(5 * 64, 1e4))
            .floats("bias", values.normal(5, 1e8))
            .overwrittenActivation("y", 9 * 5)
            .overwrittenActivation("u", 9 * 5)
            .call(
                (b, p) ->
                    b.gemmForward(
                        p.at("y"), p.at("u"), p.at("x"), p.at("w"), p.at("bias"), 9, 5, 64, true));
    KernelTester.check(this, kernel);
  }

  @ParameterizedTest
  @CsvSource({"1e-30,1", "1,1e-30", "1e-25,1e22", "1e25,1e-20", "1e18,1e18", "0,1", "1,0"})
  default void gemmOfAnyMagnitude(double xScale, double wScale) {
    int t = 9;
    int n = 5;
    int k = 64;
    Values values = new Values(11);
    KernelCase kernel =
        new KernelCase(k)
            .activation("x", values.normal(t * k, xScale))
            .activation("w", values.normal(n * k, wScale))
            .activation("dy", values.normal(t * n, xScale))
            .activation("g", values.normal(t * n, wScale))
            .overwrittenActivation("y", t * n)
            .overwrittenActivation("dx", t * k)
            .updatedFloats("dw", new float[n * k])
            .call(
                (b, p) -> {
                  b.gemmForward(p.at("y"), 0, p.at("x"), p.at("w"), 0, t, n, k, false);
                  b.gemmBackwardInput(p.at("dx"), p.at("dy"), p.at("w"), 0, t, n, k, false);
                  b.gemmBackwardWeight(p.at("dw"), 0, p.at("g"), p.at("x"), t, n, k);
                });
    KernelTester.check(this, kernel);
  }

  @Test
  default void gemmOfRowsThatOneNumberRules() {
    int t = 9;
    int n = 5;
    int k = 65;
    Values values = new Values(12);
    float[] x = values.normal(t * k, 1);
    float[] w = values.normal(n * k, 1);
    for (int row = 0; row < t; row++) {
      x[row * k + 7 * row] = 1e6f;
      w[row % n * k + 3] = -1e5f;
    }
    KernelCase kernel =
        new KernelCase(k)
            .activation("x", x)
            .activation("w", w)
            .overwrittenActivation("y", t * n)
            .call((b, p) -> b.gemmForward(p.at("y"), 0, p.at("x"), p.at("w"), 0, t, n, k, false));
    KernelTester.check(this, kernel);
  }

  @ParameterizedTest
  @CsvSource({"0,3,4", "3,0,4", "3,4,0"})
  default void gemmOfNothingDoesNothing(int t, int n, int k) {
    KernelCase kernel =
        new KernelCase(1)
            .updatedActivation("y", new float[] {1, 2, 3})
            .updatedFloats("dw", new float[] {4, 5, 6})
            .exact("y", "dw")
            .call(
                (b, p) -> {
                  b.gemmForward(p.at("y"), 0, p.at("y"), p.at("y"), 0, t, n, k, false);
                  b.gemmBackwardInput(p.at("y"), p.at("y"), p.at("y"), 0, t, n, k, false);
                  b.gemmBackwardWeight(p.at("dw"), 0, p.at("y"), p.at("y"), t, n, k);
                });
    assertThat(KernelTester.check(this, kernel).of("y")).containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @CsvSource({"1,false", "7,true", "33,false", "257,true", "100003,true"})
  default void geluBackward(int count, boolean inPlace) {
    Values values = new Values(count);
    float[] dy = values.normal(count, 1);
    KernelCase kernel = new KernelCase(1).activation("u", values.normal(count, 2));
    if (inPlace) {
      kernel.updatedActivation("du", dy);
    } else {
      kernel.activation("dy", dy).overwrittenActivation("du", count);
    }
    String source = inPlace ? "du" : "dy";
    kernel.call((b, p) -> b.geluBackward(p.at("du"), p.at(source), p.at("u"), count));
    KernelTester.check(this, kernel);
  }

  @Test
  default void geluOverItsWholeRange() {
    int count = 4001;
    float[] u = new float[count];
    for (int i = 0; i < count; i++) {
      u[i] = (i - 2000) / 100f;
    }
    u[0] = -1e4f;
    u[count - 1] = 1e4f;
    float[] ones = new float[count];
    java.util.Arrays.fill(ones, 1);
    KernelCase kernel =
        new KernelCase(1)
            .activation("u", u)
            .activation("dy", ones)
            .activation("w", new float[] {1})
            .overwrittenActivation("du", count)
            .overwrittenActivation("y", count)
            .call(
                (b, p) -> {
                  b.geluBackward(p.at("du"), p.at("dy"), p.at("u"), count);
                  b.gemmForward(p.at("y"), 0, p.at("u"), p.at("w"), 0, count, 1, 1, true);
                });
    double[] du = KernelTester.check(this, kernel).of("du");
    assertThat(du[0]).isZero();
    assertThat(du[count - 1]).isEqualTo(1);
    assertThat(du[2000]).isEqualTo(0.5);
  }
}
