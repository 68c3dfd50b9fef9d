package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {

  private static void assertBijective(int size, long seed, long epoch) {
    KeyedPermutation permutation = new KeyedPermutation(size, seed, epoch);
    BitSet seen = new BitSet(size);
    for (int i = 0; i < size; i++) {
      long element = permutation.apply(i);
      assertThat(element).isBetween(0L, size - 1L);
      seen.set((int) element);
    }
    assertThat(seen.cardinality()).isEqualTo(size);
  }

  @Test
  void isABijectionForEverySmallSize() {
    for (int size = 1; size <= 300; size++) {
      assertBijective(size, 42, size % 7);
    }
  }

  @Property(tries = 200)
  void isABijection(
      @ForAll @IntRange(min = 1, max = 20_000) int size,
      @ForAll long seed,
      @ForAll @LongRange(min = 0) long epoch) {
    assertBijective(size, seed, epoch);
  }

  @Test
  void isABijectionForAMillion() {
    assertBijective(1_000_003, 7, 3);
  }

  @Property(tries = 200)
  void staysInRangeForHugeSizes(
      @ForAll @LongRange(min = 1L << 32, max = 1L << 60) long size, @ForAll long seed) {
    KeyedPermutation permutation = new KeyedPermutation(size, seed, 0);
    long first = permutation.apply(0);
    long last = permutation.apply(size - 1);
    assertThat(first).isBetween(0L, size - 1);
    assertThat(last).isBetween(0L, size - 1).isNotEqualTo(first);
  }

  @Test
  void seedAndEpochChangeTheOrderAndNothingElseDoes() {
    int size = 10_000;
    KeyedPermutation base = new KeyedPermutation(size, 1, 0);
    int fixedPoints = 0;
    int sameNextEpoch = 0;
    int sameOtherSeed = 0;
    int neighbours = 0;
    for (int i = 0; i < size; i++) {
      long element = base.apply(i);
      assertThat(new KeyedPermutation(size, 1, 0).apply(i)).isEqualTo(element);
      fixedPoints += element == i ? 1 : 0;
      sameNextEpoch += new KeyedPermutation(size, 1, 1).apply(i) == element ? 1 : 0;
      sameOtherSeed += new KeyedPermutation(size, 2, 0).apply(i) == element ? 1 : 0;
      neighbours += i > 0 && Math.abs(base.apply(i - 1) - element) == 1 ? 1 : 0;
    }
    // Poisson with mean 1 (2 for neighbours): more than 15 has a probability below 1e-9.
    assertThat(fixedPoints).isLessThan(15);
    assertThat(sameNextEpoch).isLessThan(15);
    assertThat(sameOtherSeed).isLessThan(15);
    assertThat(neighbours).isLessThan(15);
  }

  @Test
  void elementsAreSpreadEvenly() {
    int size = 100_000;
    KeyedPermutation permutation = new KeyedPermutation(size, 9, 0);
    int[] buckets = new int[10];
    for (int i = 0; i < size / 10; i++) {
      buckets[(int) (permutation.apply(i) * 10 / size)]++;
    }
    // Hypergeometric: 1000 expected, standard deviation about 28; six of them.
    assertThat(buckets)
        .satisfies(
            b -> {
              for (int n : b) assertThat(n).isBetween(830, 1170);
            });
  }

  @Test
  void refusesWhatIsOutside() {
    assertThatThrownBy(() -> new KeyedPermutation(0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("positive size, got 0");
    KeyedPermutation permutation = new KeyedPermutation(3, 1, 0);
    assertThatThrownBy(() -> permutation.apply(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> permutation.apply(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
