package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.electra4j.backend.contract.Buffers.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The choice of masked positions, and corruption by samples. */
public interface MaskingContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,0.15",
    "7;31;1;33,0.15",
    "257,0.15",
    "255;0;3;2,0.5",
    "128;128;64;100,0.15",
    "33;9,1"
  })
  default void maskTokens(String lengths, double share) {
    int[] pieces = Stream.of(lengths.split(";")).mapToInt(Integer::parseInt).toArray();
    for (boolean withReplacement : new boolean[] {false, true}) {
      for (float maskTokenProb : new float[] {0, 0.85f, 1}) {
        KernelCase kernel = MaskingCases.mask(share, maskTokenProb, withReplacement, pieces);
        verify(kernel, KernelTester.check(this, kernel), withReplacement, maskTokenProb);
      }
    }
  }

  /** What holds of every masking, whatever the random numbers. */
  private static void verify(
      KernelCase kernel, Result result, boolean withReplacement, float maskTokenProb) {
    int[] ids = kernel.arrays.get("ids").ints();
    int[] positions = Values.ints(result.of("positions"));
    int[] labels = Values.ints(result.of("labels"));
    int[] masked = Values.ints(result.of("maskedIds"));
    assertThat(positions).isSorted();
    if (!withReplacement) {
      assertThat(positions).doesNotHaveDuplicates();
    }
    for (int slot = 0; slot < positions.length; slot++) {
      assertThat(labels[slot]).isEqualTo(ids[positions[slot]]).isGreaterThan(MaskingCases.MASK);
    }
    for (int row = 0; row < ids.length; row++) {
      boolean chosen = Arrays.binarySearch(positions, row) >= 0;
      boolean hidden = masked[row] != ids[row];
      assertThat(hidden && !chosen).isFalse();
      assertThat(!hidden || masked[row] == MaskingCases.MASK).isTrue();
      if (maskTokenProb != 0.85f) {
        assertThat(hidden).isEqualTo(chosen && maskTokenProb == 1);
      }
    }
  }

  /** 85 % of many slots, within five standard deviations of the binomial distribution. */
  @Test
  default void maskTokensHidesItsShare() {
    KernelCase kernel = MaskingCases.mask(0.9, 0.85f, false, 2000, 2000);
    Result result = KernelTester.check(this, kernel);
    int slots = result.of("positions").length;
    long hidden =
        Arrays.stream(result.of("maskedIds")).filter(id -> id == MaskingCases.MASK).count()
            - Arrays.stream(kernel.arrays.get("ids").ints())
                .filter(id -> id == MaskingCases.MASK)
                .count();
    double deviation = Math.sqrt(slots * 0.85 * 0.15);
    assertThat((double) hidden)
        .isBetween(0.85 * slots - 5 * deviation, 0.85 * slots + 5 * deviation);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,1", "7,3", "31,31", "33,1", "257,40", "5,9"})
  default void corruptTokens(int t, int m) {
    KernelCase kernel = MaskingCases.corrupt(t, m);
    Result result = KernelTester.check(this, kernel);
    int[] ids = kernel.arrays.get("ids").ints();
    int[] positions = kernel.arrays.get("positions").ints();
    int[] sampled = kernel.arrays.get("sampled").ints();
    int[] expected = ids.clone();
    for (int slot = m - 1; slot >= 0; slot--) {
      expected[positions[slot]] = sampled[slot];
    }
    assertThat(Values.ints(result.of("corrupted"))).isEqualTo(expected);
    assertThat(Values.ints(result.of("replaced")))
        .isEqualTo(IntStream.range(0, t).map(i -> expected[i] != ids[i] ? 1 : 0).toArray());
  }

  @Test
  default void maskingOfNoTokens() {
    KernelTester.check(this, MaskingCases.mask(0.15, 1, false, 0, 0));
    KernelTester.check(this, MaskingCases.corrupt(0, 0));
  }
}
