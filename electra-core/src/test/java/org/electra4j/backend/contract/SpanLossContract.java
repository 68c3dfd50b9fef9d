package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Start and end of a span. */
public interface SpanLossContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "1,1",
    "7,31",
    "31,7;1;33",
    "33,32;0;255",
    "32,257",
    "255,3;1",
    "257,9",
    "64,100;28;1;64",
    "256,128"
  })
  default void spanLoss(int h, String lengths) {
    int[] pieces = Stream.of(lengths.split(";")).mapToInt(Integer::parseInt).toArray();
    for (Wanted wanted : Wanted.values()) {
      KernelTester.check(this, LossCases.span(h, 1, wanted, pieces));
    }
  }

  @Test
  default void spanLossOfLargeMagnitudes() {
    KernelTester.check(this, LossCases.span(64, 100, Wanted.GRADIENT, 33, 64));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, Integer.MAX_VALUE})
  default void spanLossOfAnEndBeyondItsSequenceThrows(int position) {
    Backend backend = backend();
    KernelCase kernel = LossCases.span(8, 1, Wanted.GRADIENT, 33, 20, 5);
    kernel.arrays.get("starts").ints()[1] = 0;
    kernel.arrays.get("ends").ints()[1] = position;
    assertThatThrownBy(
            () -> {
              Buffers.run(backend, kernel);
              backend.synchronize();
            })
        .isInstanceOf(BackendException.class)
        .hasMessageContaining(Integer.toString(position));
    KernelTester.check(this, LossCases.span(8, 1, Wanted.GRADIENT, 33, 20, 5));
  }

  @Test
  default void spanLossOfEmptySequencesIsZero() {
    KernelCase kernel = LossCases.span(8, 1, Wanted.GRADIENT, 0, 0);
    assertThat(KernelTester.check(this, kernel).of("sums")).containsOnly(0);
  }
}
