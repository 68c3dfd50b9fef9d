package org.electra4j.backend.contract;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gathering rows, and its gradient. */
public interface RowsContract extends ContractTest {
  String SIZES =
      """
      1,1,1
      7,0,3
      0,0,3
      7,3,31
      31,33,33
      33,32,255
      255,40,7
      257,1,257
      128,20,64
      3,65,256
      """;

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void gatherRows(int t, int m, int n) {
    Values values = new Values(t * 31L + m * 7L + n);
    KernelCase kernel =
        new KernelCase(1)
            .activation("x", values.normal(t * n, 1))
            .ints("positions", t == 0 ? new int[0] : values.ints(m, 0, t))
            .overwrittenActivation("y", m * n)
            .exact("y")
            .call((b, a) -> b.gatherRows(a.at("y"), a.at("x"), a.at("positions"), t, m, n));
    KernelTester.check(this, kernel);
  }

  @ParameterizedTest
  @CsvSource(textBlock = SIZES)
  default void scatterRows(int t, int m, int n) {
    Values values = new Values(t * 37L + m * 11L + n);
    int[] positions = t == 0 ? new int[0] : values.ints(m, 0, t);
    Arrays.sort(positions);
    KernelCase kernel =
        new KernelCase(m)
            .activation("dy", values.normal(m * n, 1))
            .ints("positions", positions)
            .overwrittenActivation("dx", t * n)
            .call((b, a) -> b.scatterRows(a.at("dx"), a.at("dy"), a.at("positions"), t, m, n));
    KernelTester.check(this, kernel);
  }
}
