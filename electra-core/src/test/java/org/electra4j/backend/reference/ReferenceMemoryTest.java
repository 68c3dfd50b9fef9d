package org.electra4j.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.electra4j.Precision;
import org.electra4j.backend.BackendException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceMemoryTest {
  private final ReferenceBackend backend = new ReferenceBackend(Precision.FP32);

  @Test
  void freshMemoryIsNotANumber() {
    long address = backend.alloc(16);
    double[] values = new double[2];
    backend.download(address, values, 0, 2);
    assertThat(values).containsOnly(Double.NaN);
  }

  @ParameterizedTest
  @ValueSource(longs = {-4, 1, 4, 400, 1L << 32})
  void accessOutsideOfABlockThrowsWithItsAddress(long offset) {
    long address = backend.alloc(8);
    assertThatThrownBy(() -> backend.upload(address + offset, new int[2], 0, 2))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("8 bytes at 0x" + Long.toHexString(address + offset));
    backend.upload(address, new int[2], 0, 2);
  }

  @Test
  void nullAndReleasedMemoryThrow() {
    assertThatThrownBy(() -> backend.fillZero(0, 4)).isInstanceOf(BackendException.class);
    long address = backend.alloc(8);
    backend.release(address);
    assertThatThrownBy(() -> backend.fillZero(address, 4)).isInstanceOf(BackendException.class);
    assertThatThrownBy(() -> backend.release(address))
        .hasMessageContaining("is not the start of an allocated block");
    long other = backend.alloc(8);
    assertThat(other).isNotEqualTo(address);
    assertThatThrownBy(() -> backend.release(other + 4)).isInstanceOf(BackendException.class);
  }

  @Test
  void blocksHaveALimit() {
    assertThatThrownBy(() -> backend.alloc(1L << 31)).hasMessageContaining("2 GiB");
    assertThatThrownBy(() -> backend.alloc(-1)).isInstanceOf(BackendException.class);
  }

  @Test
  void anUnknownLabelThrows() {
    long block = backend.alloc(64);
    backend.fillZero(block, 64);
    backend.upload(block + 32, new int[] {3}, 0, 1);
    assertThatThrownBy(
            () ->
                backend.lmHeadForward(
                    block, block, 0, 0, block, block, block, block + 32, 1, 3, 1, 1, 0, 0, 0))
        .isInstanceOf(BackendException.class)
        .hasMessage("Label 3 of row 0 is not in [0, 3).");
  }

  @ParameterizedTest
  @CsvSource({
    "0,1",
    "0.5,0.4795001221869535",
    "1,0.15729920705028513",
    "2,0.004677734981047266",
    "3,2.209049699858544e-5",
    "5,1.5374597944280349e-12",
    "10,2.088487583762545e-45",
    "-1,1.8427007929497148",
    "-30,2",
    "30,0"
  })
  void erfcIsTheComplementaryErrorFunction(double x, double expected) {
    assertThat(Gelu.erfc(x)).isCloseTo(expected, within(Math.abs(expected) * 2e-13));
  }

  @Test
  void erfcOfNanIsNan() {
    assertThat(Gelu.erfc(Double.NaN)).isNaN();
  }

  @Test
  void roundsToBf16AsTheFormatSays() {
    assertThat(Memory.toBf16(1f)).isEqualTo((short) 0x3F80);
    assertThat(Memory.toBf16(1f + 0x1p-8f)).isEqualTo((short) 0x3F80);
    assertThat(Memory.toBf16(1f + 3 * 0x1p-8f)).isEqualTo((short) 0x3F82);
    assertThat(Memory.toBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
    assertThat(Memory.fromBf16(Memory.toBf16(Float.intBitsToFloat(0x7F800001)))).isNaN();
    assertThat(Memory.fromBf16(Memory.toBf16(Float.intBitsToFloat(0xFFFFFFFF)))).isNaN();
  }
}
