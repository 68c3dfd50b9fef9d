package org.electra4j.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** Known answers of philox4x32-10 from the authors' Random123 library (kat_vectors). */
  @Test
  void blocksAreThoseOfThePaper() {
    assertThat(block(0, 0, 0, 0)).isEqualTo("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    assertThat(block(-1, 0, -1, -1)).isEqualTo("408f276d 41c83b0e a20bc7c6 6d5451fd");
    assertThat(block(0x299f31d0_a4093822L, 0, 0x03707344_13198a2eL, 0x85a308d3_243f6a88L))
        .isEqualTo("d16cfe09 94fdcceb 5001e420 24126ea1");
  }

  private static String block(long seed, int stream, long step, long block) {
    int[] out = new int[4];
    Philox.block(seed, stream, step, block, out);
    return "%08x %08x %08x %08x".formatted(out[0], out[1], out[2], out[3]);
  }

  @Test
  void theStreamIsPartOfTheUpperKey() {
    assertThat(block(7, 5, 1, 2)).isEqualTo(block(7 ^ 5L << 32, 0, 1, 2));
    assertThat(block(7, 5, 1, 2)).isNotEqualTo(block(7, 6, 1, 2));
  }

  @Test
  void wordsAndLanesCountThroughABlock() {
    int[] out = new int[4];
    Philox.block(3, 4, 5, 6, out);
    for (int i = 0; i < 4; i++) {
      assertThat(Philox.word(3, 4, 5, 6 * 4 + i)).isEqualTo(out[i]);
      assertThat(Philox.uniform(3, 4, 5, 6 * 4 + i)).isEqualTo((out[i] >>> 8) / 16777216f);
    }
    for (int lane = 0; lane < 8; lane++) {
      int bits = out[lane / 2] >>> 16 * (lane % 2) & 0xFFFF;
      assertThat(Philox.dropoutKeeps(3, 4, 5, 6 * 8 + lane, 0.4f))
          .isEqualTo(bits >= Math.round(0.4f * 65536));
    }
  }

  @Test
  void dropoutKeepsTheExpectation() {
    for (float p : new float[] {0.1f, 0.5f, 0.9f}) {
      int n = 200_000;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += Philox.dropoutKeeps(1, 64, 0, i, p) ? Philox.dropoutScale(p) : 0;
      }
      double deviation = Math.sqrt(p / (1 - p) / n);
      assertThat(sum / n).isBetween(1 - 5 * deviation, 1 + 5 * deviation);
    }
    assertThat(Philox.dropoutScale(0)).isEqualTo(1);
    assertThat(Philox.dropoutThreshold(1)).isEqualTo(65535);
  }
}
