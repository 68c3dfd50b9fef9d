package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.electra4j.backend.contract.Buffers.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Self-attention over packed sequences, as far as every engine of a card has to do it. */
public interface AttentionWithoutDropoutContract extends ContractTest {
  /** Heads of sizes that are multiples of 8, at most 128. */
  String WHOLE_SIZES =
      """
      4,64,64;7
      4,64,128
      12,64,5;31
      1,64,255
      4,32,16;48;100
      2,128,5;70
      """;

  @ParameterizedTest
  @CsvSource(textBlock = WHOLE_SIZES)
  default void attentionWithoutDropout(int heads, int d, String lengths) {
    int[] pieces = Stream.of(lengths.split(";")).mapToInt(Integer::parseInt).toArray();
    KernelTester.check(this, AttentionCases.roundTrip(heads, d, 0, 1, pieces));
    KernelTester.check(this, AttentionCases.forwardOnly(heads, d, 0, pieces));
  }

  @Test
  default void attentionOfLargeMagnitudes() {
    for (double deviation : new double[] {10, 100}) {
      Result result =
          KernelTester.check(this, AttentionCases.roundTrip(2, 32, 0, deviation, 33, 64));
      assertThat(result.of("context")).doesNotContain(Double.NaN);
    }
  }

  /** Whole rows far below zero have a softmax; keys far below the others have no part in it. */
  @Test
  default void attentionOfVeryNegativeScores() {
    int heads = 2;
    int d = 32;
    int width = heads * d;
    KernelCase kernel = AttentionCases.roundTrip(heads, d, 0, 1, 33, 70);
    float[] qkv = kernel.arrays.get("qkv").floats();
    for (int row = 0; row < 103; row++) {
      int query = row * 3 * width;
      Arrays.fill(qkv, query, query + width, 10);
      for (int i = 0; (row < 33 || row % 2 == 0) && i < width; i++) {
        qkv[query + width + i] -= 100;
      }
    }
    Result result = KernelTester.check(this, kernel);
    assertThat(result.of("context")).doesNotContain(Double.NaN);
    assertThat(result.of("lse")).doesNotContain(Double.NaN, Double.NEGATIVE_INFINITY);
    for (int row = 34; row < 103; row += 2) {
      int key = (row * 3 + 1) * width;
      assertThat(Arrays.copyOfRange(result.of("dqkv"), key, key + 2 * width))
          .as("gradient of key and value of row %d", row)
          .containsOnly(0);
    }
  }

  @Test
  default void attentionWithoutDropoutRepeatsItsBits() {
    KernelTester.checkRepeats(this, AttentionCases.roundTrip(1, 64, 0, 1, 64, 1, 130));
  }
}
