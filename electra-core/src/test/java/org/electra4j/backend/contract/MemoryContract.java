package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory, copies and the activation type. */
public interface MemoryContract extends ContractTest {
  @Test
  default void memoryIsAligned() {
    Backend backend = backend();
    for (long bytes : new long[] {0, 1, 63, 64, 65, 4097}) {
      long address = backend.alloc(bytes);
      assertThat(address).as("address of %d bytes", bytes).isNotZero();
      assertThat(address % 64).as("alignment of %d bytes", bytes).isZero();
      backend.release(address);
    }
    backend.release(0);
  }

  @Test
  default void memoryHoldsWhatIsWritten() {
    Backend backend = backend();
    long address = backend.alloc(4000);
    float[] floats = new Values(1).normal(500, 1);
    floats[7] = Float.NaN;
    floats[8] = -0f;
    int[] ints = new Values(2).ints(500, Integer.MIN_VALUE, Integer.MAX_VALUE);
    backend.upload(address, floats, 0, 500);
    backend.upload(address + 2000, ints, 0, 500);
    float[] floatsBack = new float[500];
    int[] intsBack = new int[500];
    backend.download(address, floatsBack, 0, 500);
    backend.download(address + 2000, intsBack, 0, 500);
    assertThat(floatsBack).isEqualTo(floats);
    assertThat(intsBack).isEqualTo(ints);
    backend.release(address);
  }

  @Test
  default void copiesHonourOffsetAndCount() {
    Backend backend = backend();
    long address = backend.alloc(40);
    backend.upload(address, new int[10], 0, 10);
    backend.upload(address + 8, new int[] {1, 2, 3, 4, 5}, 1, 3);
    backend.upload(address + 24, new float[] {6, 7, 8}, 2, 1);
    backend.upload(address, new float[] {9}, 1, 0);
    int[] ints = {-1, -1, -1, -1, -1, -1};
    backend.download(address + 4, ints, 1, 4);
    assertThat(ints).containsExactly(-1, 0, 2, 3, 4, -1);
    float[] floats = {-1, -1, -1};
    backend.download(address + 24, floats, 1, 1);
    assertThat(floats).containsExactly(-1, 8, -1);
    double[] doubles = {-1, -1, -1};
    backend.fillZero(address, 16);
    backend.download(address, doubles, 1, 2);
    assertThat(doubles).containsExactly(-1, 0, 0);
    backend.release(address);
  }

  /** What does not fit into the block that was rehearsed lies elsewhere; both are memory. */
  @Test
  default void reservedMemoryIsAsAnyOther() {
    Backend backend = backend();
    int[] counts = {25, 1, 64, 1000};
    long taken;
    try (Backend measuring = backend.measuring()) {
      for (int count : counts) {
        measuring.alloc(4L * count);
      }
      taken = measuring.takenBytes();
    }
    assertThat(taken).isGreaterThanOrEqualTo(4 * Arrays.stream(counts).sum());
    for (int round = 0; round < 2; round++) {
      backend.reserve(taken, 0);
      long[] addresses = new long[counts.length + 1];
      for (int i = 0; i < addresses.length; i++) {
        int count = i < counts.length ? counts[i] : 3000;
        addresses[i] = backend.alloc(4L * count);
        assertThat(addresses[i] % 64).isZero();
        int[] values = new int[count];
        Arrays.fill(values, i);
        backend.upload(addresses[i], values, 0, count);
      }
      for (int i = 0; i < addresses.length; i++) {
        int[] values = new int[i < counts.length ? counts[i] : 3000];
        backend.download(addresses[i], values, 0, values.length);
        assertThat(values).containsOnly(i);
        backend.release(addresses[i]);
      }
    }
  }

  @Test
  default void fillZeroKeepsToItsBytes() {
    Backend backend = backend();
    for (int bytes : new int[] {0, 4, 60, 64, 100}) {
      long address = backend.alloc(128);
      int[] before = new int[32];
      Arrays.fill(before, -1);
      backend.upload(address, before, 0, 32);
      backend.fillZero(address + 4, bytes);
      int[] after = new int[32];
      backend.download(address, after, 0, 32);
      for (int i = 0; i < 32; i++) {
        boolean zeroed = i >= 1 && i < 1 + bytes / 4;
        assertThat(after[i]).as("word %d after %d bytes", i, bytes).isEqualTo(zeroed ? 0 : -1);
      }
      backend.release(address);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 31, 33, 255, 257, 100_003})
  default void activationsRoundToNearestEven(int count) {
    float[] x = new Values(count).normal(count, 1e3);
    float[] special = {
      0f,
      -0f,
      1f + 0x1p-8f,
      1f + 3 * 0x1p-8f,
      Float.NaN,
      Float.intBitsToFloat(0x7F800001),
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      1e-30f
    };
    System.arraycopy(special, 0, x, 0, Math.min(count, special.length));
    KernelCase kernel =
        new KernelCase(1)
            .floats("x", x)
            .overwrittenActivation("a", count)
            .overwrittenFloats("y", count)
            .unchecked("a", "y")
            .call(
                (b, p) -> {
                  b.toActivation(p.at("a"), p.at("x"), count);
                  b.fromActivation(p.at("y"), p.at("a"), count);
                });
    double[] y = KernelTester.check(this, kernel).of("y");
    for (int i = 0; i < count; i++) {
      float expected = isBf16() ? Values.bf16(x[i]) : x[i];
      assertThat(Float.valueOf((float) y[i]))
          .as("%s as activation", x[i])
          .isEqualTo(Float.valueOf(expected));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 33, 257, 100_003})
  default void addActivation(int count) {
    Values values = new Values(count);
    KernelCase kernel =
        new KernelCase(2)
            .activation("x", values.normal(count, 1))
            .updatedActivation("y", values.normal(count, 1))
            .call((b, p) -> b.addActivation(p.at("y"), p.at("x"), count));
    KernelTester.check(this, kernel);
  }

  @Test
  default void backendSaysWhatItIs() {
    Backend backend = backend();
    assertThat(backend.precision()).isIn(Precision.FP32, Precision.BF16);
    assertThat(backend.device()).matches("cpu|cuda:\\d+|reference");
    assertThat(backend.description()).isNotBlank();
    assertThat(backend.threads()).isPositive();
  }
}
