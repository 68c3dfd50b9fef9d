package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.electra4j.Precision;
import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;
import org.electra4j.backend.contract.Buffers.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference against values worked out by hand. */
class ReferenceValuesTest {
  private static final Offset<Double> STORED = within(1e-6);

  private static Result run(KernelCase kernel) {
    return KernelTester.reference(Precision.FP32, kernel);
  }

  @Test
  void gemm() {
    KernelCase kernel =
        new KernelCase(2)
            .activation("x", new float[] {1, 2})
            .activation("w", new float[] {3, 4, 5, -3})
            .floats("bias", new float[] {10, 2})
            .overwrittenActivation("plain", 2)
            .overwrittenActivation("y", 2)
            .overwrittenActivation("u", 2)
            .updatedActivation("dx", new float[] {100, 200})
            .updatedFloats("dw", new float[] {1, 1, 1, 1})
            .updatedFloats("dbias", new float[] {7, 7})
            .call(
                (b, p) -> {
                  b.gemmForward(p.at("plain"), 0, p.at("x"), p.at("w"), 0, 1, 2, 2, false);
                  b.gemmForward(
                      p.at("y"), p.at("u"), p.at("x"), p.at("w"), p.at("bias"), 1, 2, 2, true);
                  b.gemmBackwardInput(p.at("dx"), p.at("x"), p.at("w"), 0, 1, 2, 2, true);
                  b.gemmBackwardWeight(p.at("dw"), p.at("dbias"), p.at("x"), p.at("x"), 1, 2, 2);
                });
    Result result = run(kernel);
    assertThat(result.of("plain")).containsExactly(11, -1);
    assertThat(result.of("u")).containsExactly(21, 1);
    assertThat(result.of("y")).containsExactly(new double[] {21, 0.8413447460685429}, STORED);
    assertThat(result.of("dx")).containsExactly(100 + 3 + 10, 200 + 4 - 6);
    assertThat(result.of("dw")).containsExactly(2, 3, 3, 5);
    assertThat(result.of("dbias")).containsExactly(8, 9);
  }

  @Test
  void geluBackward() {
    KernelCase kernel =
        new KernelCase(1)
            .activation("u", new float[] {0, 1, -1, 20, -20})
            .activation("dy", new float[] {2, 2, 2, 2, 2})
            .overwrittenActivation("du", 5)
            .call((b, p) -> b.geluBackward(p.at("du"), p.at("dy"), p.at("u"), 5));
    assertThat(run(kernel).of("du"))
        .containsExactly(
            new double[] {1, 2 * 1.0833154705876864, 2 * -0.0833154705876864, 2, 0}, STORED);
  }

  @Test
  void residualNorm() {
    KernelCase kernel =
        new KernelCase(2)
            .activation("x", new float[] {1, 2})
            .floats("bias", new float[] {-1, 0})
            .activation("residual", new float[] {1, 1})
            .floats("gamma", new float[] {2, 3})
            .floats("beta", new float[] {10, 20})
            .overwrittenActivation("y", 2)
            .overwrittenActivation("h", 2)
            .overwrittenFloats("mean", 1)
            .overwrittenFloats("rstd", 1)
            .call(
                (b, p) ->
                    b.residualNormForward(
                        p.at("y"),
                        p.at("h"),
                        p.at("mean"),
                        p.at("rstd"),
                        p.at("x"),
                        p.at("bias"),
                        p.at("residual"),
                        p.at("gamma"),
                        p.at("beta"),
                        1,
                        2,
                        3,
                        0,
                        0,
                        0,
                        0));
    Result result = run(kernel);
    assertThat(result.of("h")).containsExactly(1, 3);
    assertThat(result.of("mean")).containsExactly(2);
    assertThat(result.of("rstd")).containsExactly(0.5);
    assertThat(result.of("y")).containsExactly(10 - 1, 20 + 1.5);
  }

  /** Scores ln 1 and ln 3 (d = 1) give the weights 1/4 and 3/4. */
  @Test
  void attention() {
    float logThree = (float) Math.log(3);
    KernelCase kernel =
        new KernelCase(2)
            .activation("qkv", new float[] {1, 0, 4, 0, logThree, 8, 5, 5, 5})
            .ints("cuSeqlens", 0, 2, 3)
            .overwrittenActivation("context", 3)
            .overwrittenFloats("lse", 3)
            .call(
                (b, p) ->
                    b.attentionForward(
                        p.at("context"),
                        p.at("lse"),
                        p.at("qkv"),
                        p.at("cuSeqlens"),
                        2,
                        3,
                        1,
                        1,
                        2,
                        0,
                        8,
                        0,
                        0,
                        0));
    Result result = run(kernel);
    assertThat(result.of("context")).containsExactly(new double[] {7, 6, 5}, STORED);
    assertThat(result.of("lse"))
        .containsExactly(new double[] {Math.log(4), Math.log(2), 25}, within(2e-6));
  }

  @Test
  void lmHead() {
    int rows = 50;
    float[] ones = new float[rows];
    java.util.Arrays.fill(ones, 1);
    KernelCase kernel =
        new KernelCase(2)
            .activation("x", ones)
            .activation("table", new float[] {0, (float) Math.log(3)})
            .floats("bias", new float[] {2, 2})
            .ints("labels", new int[rows])
            .overwrittenFloats("nll", rows)
            .overwrittenFloats("lse", rows)
            .overwrittenInts("sampled", rows)
            .overwrittenInts("predicted", rows)
            .call(
                (b, p) ->
                    b.lmHeadForward(
                        p.at("nll"),
                        p.at("lse"),
                        p.at("sampled"),
                        p.at("predicted"),
                        p.at("x"),
                        p.at("table"),
                        p.at("bias"),
                        p.at("labels"),
                        rows,
                        2,
                        1,
                        0.5f,
                        1,
                        2,
                        3));
    Result result = run(kernel);
    for (int row = 0; row < rows; row++) {
      assertThat(result.of("nll")[row]).isEqualTo(Math.log(4), STORED);
      assertThat(result.of("lse")[row]).isEqualTo(2 + Math.log(4), STORED);
      assertThat(result.of("predicted")[row]).isEqualTo(1);
      // at temperature 1/2 the probabilities are 1/10 and 9/10
      assertThat(result.of("sampled")[row]).isEqualTo(Philox.uniform(1, 3, 2, row) < 0.1 ? 0 : 1);
    }
    assertThat(result.of("sampled")).contains(0, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,0.6931471805599453,5",
    "0,1,0.6931471805599453,4",
    "2,1,0.12692801104297252,2",
    "2,0,2.1269280110429727,3"
  })
  void rtdLoss(float z, int label, double loss, int count) {
    KernelCase kernel =
        new KernelCase(1)
            .activation("x", new float[] {z, z})
            .activation("w", new float[] {1})
            .floats("bias", new float[] {0})
            .ints("labels", label, -1)
            .overwrittenDoubles("sums", 6)
            .overwrittenFloats("logits", 2)
            .overwrittenActivation("dx", 2)
            .updatedFloats("dw", new float[] {0})
            .updatedFloats("dbias", new float[] {0})
            .call(
                (b, p) ->
                    b.rtdLoss(
                        p.at("sums"),
                        p.at("logits"),
                        p.at("dx"),
                        p.at("dw"),
                        p.at("dbias"),
                        p.at("x"),
                        p.at("w"),
                        p.at("bias"),
                        p.at("labels"),
                        2,
                        1,
                        2));
    Result result = run(kernel);
    double[] sums = new double[6];
    sums[0] = loss;
    sums[1] = 1;
    sums[count] = 1;
    double gradient = 2 * (1 / (1 + Math.exp(-z)) - label);
    assertThat(result.of("sums")).containsExactly(sums, within(1e-12));
    assertThat(result.of("logits")).containsExactly(z, z);
    assertThat(result.of("dx")).containsExactly(new double[] {gradient, 0}, STORED);
    assertThat(result.of("dw")).containsExactly(new double[] {gradient * z}, STORED);
    assertThat(result.of("dbias")).containsExactly(new double[] {gradient}, STORED);
  }

  /** No weights: the losses are those of equal probabilities. */
  @Test
  void lossesOfEqualProbabilities() {
    KernelCase classes = LossCases.classes(6, 4, 3, 0, LossCases.Wanted.LOSS);
    java.util.Arrays.fill(classes.arrays.get("bias").floats(), 1);
    java.util.Arrays.fill(classes.arrays.get("labels").ints(), 0);
    assertThat(run(classes).of("sums"))
        .containsExactly(new double[] {6 * Math.log(4), 6, 6}, within(1e-12));

    KernelCase span = LossCases.span(3, 0, LossCases.Wanted.LOSS, 4, 8);
    assertThat(run(span).of("sums"))
        .containsExactly(new double[] {Math.log(4) + Math.log(8), 2}, within(1e-12));

    KernelCase copy = LossCases.copy(2, 3, 0, 1, LossCases.Wanted.LOSS);
    copy.arrays.get("bias").floats()[0] = 0;
    java.util.Arrays.fill(copy.arrays.get("nll").floats(), (float) Math.log(2));
    copy.arrays.get("inputs").ints()[0] = copy.arrays.get("labels").ints()[0];
    copy.arrays.get("inputs").ints()[1] = copy.arrays.get("labels").ints()[1] + 1;
    assertThat(run(copy).of("sums"))
        .containsExactly(new double[] {-Math.log(0.75) - Math.log(0.25), 2}, within(1e-7));
    assertThat(run(copy).of("dnll")).containsExactly(new double[] {0.37 / 3, 0.37}, within(1e-7));
  }

  /** The two candidates with the smallest words, as unsigned numbers, out of five. */
  @Test
  void maskTokens() {
    KernelCase kernel = MaskingCases.mask(0.4, 1, false, 7);
    int[] ids = {MaskingCases.CLS, 11, 12, 13, 14, 15, MaskingCases.SEP};
    System.arraycopy(ids, 0, kernel.arrays.get("ids").ints(), 0, 7);
    int slots = kernel.arrays.get("cuMasked").ints()[1];
    Result result = run(kernel);
    int[] byWord =
        java.util.stream.IntStream.range(1, 6)
            .boxed()
            .sorted(
                (a, b) ->
                    Integer.compareUnsigned(
                        Philox.word(-5, RandomStreams.MASK_SELECT, 1L << 40, a),
                        Philox.word(-5, RandomStreams.MASK_SELECT, 1L << 40, b)))
            .limit(slots)
            .sorted()
            .mapToInt(row -> row)
            .toArray();
    assertThat(slots).isBetween(1, 3);
    assertThat(Values.ints(result.of("positions"))).isEqualTo(byWord);
    for (int slot = 0; slot < slots; slot++) {
      assertThat(result.of("labels")[slot]).isEqualTo(10 + byWord[slot]);
      assertThat(result.of("maskedIds")[byWord[slot]]).isEqualTo(MaskingCases.MASK);
    }
  }

  @Test
  void adamW() {
    KernelCase kernel =
        new KernelCase(1)
            .updatedFloats("w", new float[] {1, 1})
            .updatedFloats("m", new float[] {0, 1})
            .updatedFloats("v", new float[] {0, 4})
            .updatedFloats("grad", new float[] {3, 4})
            .overwrittenDoubles("norm", 1)
            .call(
                (b, p) -> {
                  b.squaredNorm(p.at("norm"), p.at("grad"), 2);
                  b.adamW(
                      p.at("w"),
                      p.at("w"),
                      p.at("m"),
                      p.at("v"),
                      p.at("grad"),
                      new long[] {0, 1},
                      new long[] {1, 2},
                      new float[] {1, 0.5f},
                      new float[] {0, 0.25f},
                      p.at("norm"),
                      0.5f,
                      0.1f,
                      0.5f,
                      0.75f,
                      1e-6f,
                      2,
                      4);
                });
    Result result = run(kernel);
    // the norm 5 is clipped to 0.5, so the gradients are 0.3 and 0.4
    double u0 = 0.15 * 2 / (Math.sqrt(0.0225 * 4) + 1e-6);
    double u1 = 0.7 * 2 / (Math.sqrt((3 + 0.04) * 4) + 1e-6) + 0.25;
    assertThat(result.of("norm")).containsExactly(25);
    assertThat(result.of("m")).containsExactly(new double[] {0.15, 0.7}, STORED);
    assertThat(result.of("v")).containsExactly(new double[] {0.0225, 3.04}, STORED);
    assertThat(result.of("w")).containsExactly(new double[] {1 - 0.1 * u0, 1 - 0.05 * u1}, STORED);
    assertThat(result.of("grad")).containsOnly(0);
  }
}
