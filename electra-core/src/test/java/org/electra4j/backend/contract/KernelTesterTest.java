package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BiConsumer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract tests notice faults. */
class KernelTesterTest {
  private static final int T = 33;
  private static final int N = 31;
  private static final int K = 65;

  /** A reference backend that has {@code fault} done to it after each gemmForward. */
  private static ContractTest faulty(Precision precision, BiConsumer<Backend, Long> fault) {
    Backend reference = new ReferenceBackend(precision);
    Backend faulty =
        (Backend)
            Proxy.newProxyInstance(
                Backend.class.getClassLoader(),
                new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                  try {
                    Object result = method.invoke(reference, arguments);
                    if (method.getName().equals("gemmForward")) {
                      fault.accept(reference, (Long) arguments[0]);
                    }
                    return result;
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return threads -> faulty;
  }

  private static void check(Precision precision, BiConsumer<Backend, Long> fault) {
    KernelTester.check(faulty(precision, fault), GemmCases.forward(T, N, K, true, false, false));
  }

  /** Multiplies the last {@code count} elements of y. */
  private static BiConsumer<Backend, Long> scaled(int count, float factor) {
    return (backend, y) -> {
      long bytes = 4L * T * N;
      long floats = backend.alloc(bytes);
      backend.fromActivation(floats, y, (long) T * N);
      float[] values = new float[T * N];
      backend.download(floats, values, 0, values.length);
      for (int i = values.length - count; i < values.length; i++) {
        values[i] *= factor;
      }
      backend.upload(floats, values, 0, values.length);
      backend.toActivation(y, floats, (long) T * N);
      backend.release(floats);
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void acceptsTheReference(Precision precision) {
    assertThatCode(() -> check(precision, (backend, y) -> {})).doesNotThrowAnyException();
    assertThatCode(() -> check(precision, scaled(T * N, 1))).doesNotThrowAnyException();
  }

  @Test
  void noticesProductsInLessThanFp32() {
    assertThatThrownBy(() -> check(Precision.FP32, scaled(T * N, 1 + 0x1p-11f)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("error of y");
  }

  @Test
  void noticesBf16ErrorsOfThreeTimesTheRounding() {
    assertThatThrownBy(() -> check(Precision.BF16, scaled(T * N, 1 + 3 * 0x1p-8f)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("error of y");
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void noticesOneWrongElement(Precision precision) {
    assertThatThrownBy(() -> check(precision, scaled(1, 1.5f)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("error of y");
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "BF16"})
  void noticesAnElementThatIsNotWritten(Precision precision) {
    assertThatThrownBy(() -> check(precision, scaled(1, Float.NaN)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("error of y[" + (T * N - 1) + "]");
  }

  @Test
  void noticesWritesOutsideOfTheOutput() {
    for (long offset : new long[] {-4, 4L * T * N}) {
      assertThatThrownBy(
              () -> check(Precision.FP32, (backend, y) -> backend.fillZero(y + offset, 4)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(offset < 0 ? "guard before output y" : "guard after output y");
    }
  }

  @Test
  void noticesBitsThatChangeFromRunToRun() {
    float[] factor = {1};
    assertThatThrownBy(
            () ->
                check(
                    Precision.FP32,
                    (backend, y) -> {
                      scaled(T * N, factor[0]).accept(backend, y);
                      factor[0] = Math.nextUp(factor[0]);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("bits of y: second run");
  }
}
