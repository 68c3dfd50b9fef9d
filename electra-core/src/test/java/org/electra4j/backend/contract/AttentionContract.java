package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.electra4j.backend.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Self-attention over packed sequences. */
public interface AttentionContract extends AttentionWithoutDropoutContract {
  String SIZES =
      """
      1,1,1
      1,7,7
      2,31,3;1;31
      1,32,32;0;33
      3,33,1;1;1
      2,16,257;3
      2,8,0;9;0
      1,100,65
      1,136,9;66
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void attention(int heads, int d, String lengths) {
    int[] pieces = Stream.of(lengths.split(";")).mapToInt(Integer::parseInt).toArray();
    KernelTester.check(this, AttentionCases.roundTrip(heads, d, 0, 1, pieces));
    KernelTester.check(this, AttentionCases.roundTrip(heads, d, 0.1f, 1, pieces));
    KernelTester.check(this, AttentionCases.forwardOnly(heads, d, 0, pieces));
  }

  @ParameterizedTest
  @CsvSource(textBlock = WHOLE_SIZES)
  default void attentionWithDropout(int heads, int d, String lengths) {
    int[] pieces = Stream.of(lengths.split(";")).mapToInt(Integer::parseInt).toArray();
    KernelTester.check(this, AttentionCases.roundTrip(heads, d, 0.1f, 1, pieces));
  }

  @Test
  default void attentionOfNoSequences() {
    KernelTester.check(this, AttentionCases.roundTrip(2, 8, 0));
    KernelTester.check(this, AttentionCases.roundTrip(2, 8, 0.1f, 1, 0, 0));
  }

  /** With equal values everywhere, context is the value times the sum of the kept probabilities. */
  @Test
  default void attentionDropsTheBitsOfPhilox() {
    int[] lengths = {5, 19};
    int heads = 3;
    int d = 8;
    float p = 0.5f;
    KernelCase kernel = AttentionCases.forwardOnly(heads, d, p, lengths);
    float[] qkv = kernel.arrays.get("qkv").floats();
    Arrays.fill(qkv, 0);
    for (int row = 0; row < 24; row++) {
      Arrays.fill(qkv, (row * 3 + 2) * heads * d, (row + 1) * 3 * heads * d, 1);
    }
    double[] context = KernelTester.check(this, kernel).of("context");
    for (int row = 0; row < 24; row++) {
      int length = row < 5 ? 5 : 19;
      for (int head = 0; head < heads; head++) {
        double kept = 0;
        for (int key = 0; key < length; key++) {
          long element = ((long) row * heads + head) * AttentionCases.stride(lengths) + key;
          kept +=
              Philox.dropoutKeeps(
                      AttentionCases.SEED, AttentionCases.STREAM, AttentionCases.STEP, element, p)
                  ? 2
                  : 0;
        }
        long count = Math.round(context[(row * heads + head) * d] * length);
        assertThat(count).as("kept in row %d, head %d", row, head).isEqualTo(Math.round(kept));
      }
    }
  }

  @Test
  default void attentionRepeatsItsBits() {
    KernelTester.checkRepeats(this, AttentionCases.roundTrip(4, 64, 0.1f, 1, 64, 1, 31, 130));
  }
}
