package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.electra4j.backend.Philox;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random bits are those of {@link Philox}, for keys and counters over their whole range. */
public interface PhiloxContract extends ContractTest {
  @ParameterizedTest
  @CsvSource({
    "0,0,0,0.5",
    "1,0,64,0.1",
    "-1,-1,-1,0.5",
    "-9223372036854775808,9223372036854775807,2147483647,0.3",
    "4294967296,4294967295,100,0.00001",
    "4294967295,4294967296,100,0.99999",
    "81985529216486895,1099511627776,65,0.9"
  })
  default void dropoutBits(long seed, long step, int stream, float p) {
    int t = 19;
    int n = 37;
    float[] ones = new float[t * n];
    Arrays.fill(ones, 1);
    KernelCase kernel =
        new KernelCase(n)
            .activation("x", ones)
            .floats("gamma", new float[n])
            .floats("beta", new float[n])
            .overwrittenActivation("y", t * n)
            .overwrittenActivation("h", t * n)
            .overwrittenFloats("mean", t)
            .overwrittenFloats("rstd", t)
            .unchecked("y", "mean", "rstd")
            .call(
                (b, a) ->
                    b.residualNormForward(
                        a.at("y"),
                        a.at("h"),
                        a.at("mean"),
                        a.at("rstd"),
                        a.at("x"),
                        0,
                        0,
                        a.at("gamma"),
                        a.at("beta"),
                        t,
                        n,
                        1e-12f,
                        p,
                        seed,
                        step,
                        stream));
    double[] h = KernelTester.check(this, kernel).of("h");
    for (int i = 0; i < h.length; i++) {
      assertThat(h[i] != 0)
          .as("element %d kept", i)
          .isEqualTo(Philox.dropoutKeeps(seed, stream, step, i, p));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,3",
    "-1,-1,-1",
    "-9223372036854775808,9223372036854775807,2147483647",
    "81985529216486895,1099511627776,3"
  })
  default void uniforms(long seed, long step, int stream) {
    int m = 67;
    int v = 4096;
    KernelCase kernel =
        new KernelCase(v)
            .activation("x", new float[m])
            .activation("table", new float[v])
            .floats("bias", new float[v])
            .ints("labels", new int[m])
            .overwrittenFloats("nll", m)
            .overwrittenFloats("lse", m)
            .overwrittenInts("sampled", m)
            .unchecked("nll", "lse")
            .call(
                (b, a) ->
                    b.lmHeadForward(
                        a.at("nll"),
                        a.at("lse"),
                        a.at("sampled"),
                        0,
                        a.at("x"),
                        a.at("table"),
                        a.at("bias"),
                        a.at("labels"),
                        m,
                        v,
                        1,
                        1,
                        seed,
                        step,
                        stream));
    double[] sampled = KernelTester.check(this, kernel).of("sampled");
    for (int row = 0; row < m; row++) {
      assertThat(sampled[row])
          .as("4096 times the uniform of row %d", row)
          .isEqualTo(Math.floor(4096 * Philox.uniform(seed, stream, step, row)));
    }
  }
}
