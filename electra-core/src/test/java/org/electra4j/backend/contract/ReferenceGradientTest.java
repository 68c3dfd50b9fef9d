package org.electra4j.backend.contract;

import org.electra4j.backend.contract.LossCases.Wanted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every backward of the reference against central differences of its forward. */
class ReferenceGradientTest {
  @Test
  void gemmWithGelu() {
    int t = 3;
    int n = 4;
    int k = 5;
    Values values = new Values(1);
    float[] dy = values.normal(t * n, 1);
    KernelCase kernel =
        new KernelCase(k)
            .activation("x", values.normal(t * k, 1))
            .activation("w", values.normal(n * k, 0.5))
            .floats("bias", values.normal(n, 0.5))
            .activation("dy", dy)
            .overwrittenActivation("y", t * n)
            .overwrittenActivation("u", t * n)
            .overwrittenActivation("du", t * n)
            .overwrittenActivation("dx", t * k)
            .updatedFloats("dw", values.normal(n * k, 1))
            .updatedFloats("dbias", values.normal(n, 1))
            .call(
                (b, p) -> {
                  b.gemmForward(
                      p.at("y"), p.at("u"), p.at("x"), p.at("w"), p.at("bias"), t, n, k, true);
                  b.geluBackward(p.at("du"), p.at("dy"), p.at("u"), (long) t * n);
                  b.gemmBackwardInput(p.at("dx"), p.at("du"), p.at("w"), 0, t, n, k, false);
                  b.gemmBackwardWeight(p.at("dw"), p.at("dbias"), p.at("du"), p.at("x"), t, n, k);
                });
    new GradientCheck(GradientCheck.onGrid(kernel), "y", dy)
        .gradient("x", "dx")
        .gradient("w", "dw")
        .gradient("bias", "dbias");
  }

  @Test
  void dropout() {
    int count = 40;
    Values values = new Values(6);
    float[] dy = values.normal(count, 1);
    KernelCase kernel =
        new KernelCase(1)
            .activation("x", values.normal(count, 1))
            .activation("dy", dy)
            .overwrittenActivation("y", count)
            .overwrittenActivation("dx", count)
            .call(
                (b, p) -> {
                  b.dropout(p.at("y"), p.at("x"), count, 0.3f, 1, 2, 3);
                  b.dropout(p.at("dx"), p.at("dy"), count, 0.3f, 1, 2, 3);
                });
    new GradientCheck(GradientCheck.onGrid(kernel), "y", dy).gradient("x", "dx");
  }

  /** {@code y = gelu(z) wᵀ}: the gradient of z comes out of gemmBackwardInput. */
  @Test
  void gemmAfterGelu() {
    int t = 3;
    int n = 4;
    Values values = new Values(2);
    float[] dy = values.normal(t * n, 1);
    float[] identity = new float[n * n];
    for (int i = 0; i < n; i++) {
      identity[i * n + i] = 1;
    }
    KernelCase kernel =
        new KernelCase(n)
            .activation("z", values.normal(t * n, 1))
            .activation("identity", identity)
            .activation("w", values.normal(n * n, 0.5))
            .activation("dy", dy)
            .overwrittenActivation("x", t * n)
            .overwrittenActivation("u", t * n)
            .overwrittenActivation("y", t * n)
            .overwrittenActivation("dz", t * n)
            .call(
                (b, p) -> {
                  b.gemmForward(
                      p.at("x"), p.at("u"), p.at("z"), p.at("identity"), 0, t, n, n, true);
                  b.gemmForward(p.at("y"), 0, p.at("x"), p.at("w"), 0, t, n, n, false);
                  b.gemmBackwardInput(p.at("dz"), p.at("dy"), p.at("w"), p.at("u"), t, n, n, false);
                });
    new GradientCheck(GradientCheck.onGrid(kernel), "y", dy).gradient("z", "dz");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.3f})
  void embedding(float p) {
    KernelCase kernel = GradientCheck.onGrid(EmbeddingCases.backward(7, 6, 4, p));
    new GradientCheck(kernel, "y", kernel.arrays.get("dy").floats())
        .gradient("word", "dword")
        .gradient("position", "dposition")
        .gradient("type", "dtype")
        .gradient("gamma", "dgamma")
        .gradient("beta", "dbeta");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.3f})
  void attention(float p) {
    KernelCase kernel = GradientCheck.onGrid(AttentionCases.roundTrip(2, 3, p, 1, 4, 1, 0, 3));
    new GradientCheck(kernel, "context", kernel.arrays.get("dcontext").floats())
        .gradient("qkv", "dqkv");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.3f})
  void residualNorm(float p) {
    int t = 4;
    int n = 6;
    Values values = new Values(4);
    float[] dy = values.normal(t * n, 1);
    KernelCase kernel =
        new KernelCase(n)
            .activation("x", values.normal(t * n, 1))
            .activation("residual", values.normal(t * n, 1))
            .floats("bias", values.normal(n, 1))
            .floats("gamma", values.shifted(n, 1, 0.2))
            .floats("beta", values.normal(n, 1))
            .activation("dy", dy)
            .overwrittenActivation("y", t * n)
            .overwrittenActivation("h", t * n)
            .overwrittenFloats("mean", t)
            .overwrittenFloats("rstd", t)
            .overwrittenActivation("dx", t * n)
            .overwrittenActivation("dresidual", t * n)
            .updatedFloats("dbias", values.normal(n, 1))
            .updatedFloats("dgamma", values.normal(n, 1))
            .updatedFloats("dbeta", values.normal(n, 1))
            .call(
                (b, a) -> {
                  b.residualNormForward(
                      a.at("y"),
                      a.at("h"),
                      a.at("mean"),
                      a.at("rstd"),
                      a.at("x"),
                      a.at("bias"),
                      a.at("residual"),
                      a.at("gamma"),
                      a.at("beta"),
                      t,
                      n,
                      1e-12f,
                      p,
                      1,
                      2,
                      64);
                  b.residualNormBackward(
                      a.at("dx"),
                      a.at("dresidual"),
                      a.at("dbias"),
                      a.at("dgamma"),
                      a.at("dbeta"),
                      a.at("dy"),
                      a.at("h"),
                      a.at("mean"),
                      a.at("rstd"),
                      a.at("gamma"),
                      t,
                      n,
                      p,
                      1,
                      2,
                      64);
                });
    new GradientCheck(GradientCheck.onGrid(kernel), "y", dy)
        .gradient("x", "dx")
        .gradient("residual", "dresidual")
        .gradient("bias", "dbias")
        .gradient("gamma", "dgamma")
        .gradient("beta", "dbeta");
  }

  @Test
  void lmHead() {
    KernelCase kernel = GradientCheck.onGrid(LmHeadCases.backward(4, 7, 5));
    new GradientCheck(kernel, "nll", kernel.arrays.get("dnll").floats())
        .gradient("x", "dx")
        .gradient("table", "dtable")
        .gradient("bias", "dbias");
  }

  @Test
  void rtdLoss() {
    checkLoss(LossCases.rtd(9, 5, 1, Wanted.GRADIENT)).gradient("bias", "dbias");
  }

  @Test
  void classLoss() {
    checkLoss(LossCases.classes(7, 3, 5, 1, Wanted.GRADIENT)).gradient("bias", "dbias");
  }

  /**
   * The bias of a softmax over tokens cancels: its gradient is zero, and there is nothing to check.
   */
  @Test
  void spanLoss() {
    checkLoss(LossCases.span(5, 1, Wanted.GRADIENT, 4, 2, 0, 5));
  }

  @Test
  void copyLoss() {
    checkLoss(LossCases.copy(9, 5, 1, 3, Wanted.GRADIENT))
        .gradient("bias", "dbias")
        .gradient("nll", "dnll");
  }

  private static GradientCheck checkLoss(KernelCase kernel) {
    return new GradientCheck(GradientCheck.onGrid(kernel), "sums", 0.37f)
        .gradient("x", "dx")
        .gradient("w", "dw");
  }

  @Test
  void gatheredRows() {
    Values values = new Values(6);
    float[] dy = values.normal(5 * 3, 1);
    KernelCase kernel =
        new KernelCase(2)
            .activation("x", values.normal(4 * 3, 1))
            .activation("dy", dy)
            .ints("positions", 0, 1, 1, 3, 3)
            .overwrittenActivation("y", 5 * 3)
            .overwrittenActivation("dx", 4 * 3)
            .call(
                (b, p) -> {
                  b.gatherRows(p.at("y"), p.at("x"), p.at("positions"), 4, 5, 3);
                  b.scatterRows(p.at("dx"), p.at("dy"), p.at("positions"), 4, 5, 3);
                });
    new GradientCheck(GradientCheck.onGrid(kernel), "y", dy).gradient("x", "dx");
  }
}
