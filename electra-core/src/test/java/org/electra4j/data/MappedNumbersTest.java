package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappedNumbersTest {
  @TempDir Path temp;

  private static long mask(int width) {
    return width == 2 ? 0xFFFF : width == 4 ? 0x7FFF_FFFF : -1;
  }

  private Path write(int width, long[] values) throws Exception {
    Path file = temp.resolve("numbers");
    try (NumberWriter writer = new NumberWriter(file, width)) {
      for (long value : values) {
        writer.write(value);
      }
      writer.finish();
      assertThat(writer.count()).isEqualTo(values.length);
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1000",
    "4, 1000",
    "8, 1000",
    "2, 32",
    "4, 16",
    "8, 8",
    "2, 33",
    "2, 0",
    "8, 200000"
  })
  void readsWhatWasWrittenAcrossSegments(int width, int count) throws Exception {
    long[] values = new Random(count).longs(count).map(v -> v & mask(width)).toArray();
    try (MappedNumbers numbers = MappedNumbers.open(write(width, values), width, count, 64)) {
      for (int i = 0; i < count; i++) {
        assertThat(numbers.get(i)).isEqualTo(values[i]);
      }
      assertThat(numbers.size()).isEqualTo(count);
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "4"})
  void copiesRangesAcrossSegments(int width) throws Exception {
    int count = 500;
    long[] values = new Random(5).longs(count).map(v -> v & mask(width)).toArray();
    int[] expected = Arrays.stream(values).mapToInt(v -> (int) v).toArray();
    Random random = new Random(6);
    try (MappedNumbers numbers = MappedNumbers.open(write(width, values), width, count, 64)) {
      for (int trial = 0; trial < 2000; trial++) {
        int start = random.nextInt(count + 1);
        int length = random.nextInt(count - start + 1);
        int[] copy = new int[length + 2];
        numbers.copy(start, copy, 1, length);
        assertThat(Arrays.copyOfRange(copy, 1, length + 1))
            .isEqualTo(Arrays.copyOfRange(expected, start, start + length));
        assertThat(copy[0] | copy[length + 1]).isZero();
      }
    }
  }

  @Test
  void arraysAreWrittenAsSingleNumbersAre() throws Exception {
    int[] ids = new Random(7).ints(300_000, 0, 1 << 16).toArray();
    Path file = temp.resolve("array");
    try (NumberWriter writer = new NumberWriter(file, 2)) {
      writer.write(ids, 299_999);
      writer.write(ids[299_999]);
      writer.finish();
    }
    int[] read = new int[ids.length];
    try (MappedNumbers numbers = MappedNumbers.open(file, 2, ids.length)) {
      numbers.copy(0, read, 0, read.length);
    }
    assertThat(read).isEqualTo(ids);
  }

  @Test
  void outsideIsAnError() throws Exception {
    try (MappedNumbers numbers = MappedNumbers.open(write(8, new long[3]), 8, 3)) {
      assertThatThrownBy(() -> numbers.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> numbers.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
