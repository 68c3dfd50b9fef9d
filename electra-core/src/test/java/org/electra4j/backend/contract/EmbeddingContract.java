package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.Philox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shared embedding. */
public interface EmbeddingContract extends ContractTest {
  String SIZES =
      """
      1,1,5
      1,31,3
      7,33,2
      31,7,255
      33,32,257
      255,64,1
      257,31,100
      100,128,1000
      64,256,77
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void embeddingForward(int t, int e, int vocab) {
    KernelTester.check(this, EmbeddingCases.forward(t, e, vocab, 0, true));
    KernelTester.check(this, EmbeddingCases.forward(t, e, vocab, 0.1f, true));
    KernelTester.check(this, EmbeddingCases.forward(t, e, vocab, 0, false));
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void embeddingBackward(int t, int e, int vocab) {
    for (float p : new float[] {0, 0.1f}) {
      KernelCase kernel = EmbeddingCases.backward(t, e, vocab, p);
      double[] dword = KernelTester.check(this, kernel).of("dword");
      float[] before = kernel.arrays.get("dword").floats();
      int[] ids = kernel.arrays.get("ids").ints();
      for (int id = 0; id < vocab; id++) {
        int wanted = id;
        if (Arrays.stream(ids).noneMatch(occurring -> occurring == wanted)) {
          for (int i = id * e; i < (id + 1) * e; i++) {
            assertThat((float) dword[i]).as("dword of an absent id").isEqualTo(before[i]);
          }
        }
      }
    }
  }

  @Test
  default void embeddingGradientOfOneIdEverywhere() {
    KernelCase kernel = EmbeddingCases.backward(300, 33, 1, 0);
    KernelTester.check(this, kernel);
    KernelTester.checkRepeats(this, kernel);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE})
  default void embeddingOfAnUnknownIdThrows(int id) {
    Backend backend = backend();
    KernelCase kernel = EmbeddingCases.forward(9, 8, 5, 0, true);
    kernel.arrays.get("ids").ints()[4] = id;
    assertThatThrownBy(
            () -> {
              Buffers.run(backend, kernel);
              backend.synchronize();
            })
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(Integer.toString(id));
    KernelTester.check(this, EmbeddingCases.forward(9, 8, 5, 0, true));
  }

  @Test
  default void embeddingOfNoTokens() {
    KernelTester.check(this, EmbeddingCases.forward(0, 8, 5, 0, true));
    KernelTester.check(this, EmbeddingCases.backward(0, 8, 5, 0));
  }

  @Test
  default void embeddingDropsTheBitsOfPhilox() {
    int t = 37;
    int e = 33;
    float p = 0.25f;
    KernelCase kernel = EmbeddingCases.forward(t, e, 11, p, true);
    double[] y = KernelTester.check(this, kernel).of("y");
    for (int i = 0; i < y.length; i++) {
      boolean kept =
          Philox.dropoutKeeps(
              EmbeddingCases.SEED, EmbeddingCases.STREAM, EmbeddingCases.STEP, i, p);
      assertThat(y[i] != 0).as("element %d kept", i).isEqualTo(kept);
    }
  }
}
