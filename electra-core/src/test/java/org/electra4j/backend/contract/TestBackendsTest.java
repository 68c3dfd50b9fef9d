package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.electra4j.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class TestBackendsTest {
  private final String before = System.getProperty(TestBackends.REQUIRE, "");

  @AfterEach
  void restore() {
    System.setProperty(TestBackends.REQUIRE, before);
  }

  @Test
  void aSkipSaysItsCause() {
    System.setProperty(TestBackends.REQUIRE, "cpu:bf16");
    assertThatThrownBy(() -> TestBackends.skip("cuda", "no driver"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessage("cuda tests skipped: no driver");
  }

  @Test
  void aRequiredKindIsNotSkipped() {
    System.setProperty(TestBackends.REQUIRE, "cpu,cuda");
    assertThatThrownBy(() -> TestBackends.skip("cuda", "no driver"))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessageContaining("no driver")
        .hasMessageContaining("electra.test.require requires them");
  }

  @Test
  void backendsAreMadeOncePerNumberOfThreads() {
    try (TestBackends backends = TestBackends.open("reference", Precision.BF16)) {
      assertThat(backends.threads(2)).isSameAs(backends.threads(2));
      assertThat(backends.threads(1)).isNotSameAs(backends.threads(2));
    }
    assertThatThrownBy(() -> TestBackends.open("tpu", Precision.FP32))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("No provider of tpu");
  }
}
