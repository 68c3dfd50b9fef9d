package org.electra4j.backend.contract;

import org.electra4j.tensor.DType;

/** Cases of the gemm family. */
final class GemmCases {
  private GemmCases() {}

  static KernelCase forward(int t, int n, int k, boolean withBias, boolean gelu, boolean keep) {
    Values values = new Values(t * 31L + n * 7L + k);
    KernelCase kernel =
        new KernelCase(k)
            .activation("x", values.normal(t * k, 1))
            .activation("w", values.normal(n * k, 1 / Math.sqrt(k)))
            .overwrittenActivation("y", t * n);
    if (withBias) {
      kernel.floats("bias", values.normal(n, 1));
    }
    if (keep) {
      kernel.overwrittenActivation("u", t * n);
    }
    return kernel.call(
        (b, p) ->
            b.gemmForward(
                p.at("y"),
                keep ? p.at("u") : 0,
                p.at("x"),
                p.at("w"),
                withBias ? p.at("bias") : 0,
                t,
                n,
                k,
                gelu));
  }

  /** Weights that are frozen before they are used twice. */
  static KernelCase frozen(int t, int n, int k, boolean gelu) {
    Values values = new Values(t * 29L + n * 5L + k);
    return new KernelCase(k)
        .activation("x", values.normal(t * k, 1))
        .activation("w", values.normal(n * k, 1 / Math.sqrt(k)))
        .floats("bias", values.normal(n, 1))
        .overwrittenActivation("first", t * n)
        .overwrittenActivation("y", t * n)
        .call(
            (b, p) -> {
              b.freeze(p.at("w"), DType.activation(b.precision()).bytes() * (long) n * k);
              for (String y : new String[] {"first", "y"}) {
                b.gemmForward(p.at(y), 0, p.at("x"), p.at("w"), p.at("bias"), t, n, k, gelu);
              }
            });
  }

  static KernelCase backwardInput(int t, int n, int k, boolean gelu, boolean accumulate) {
    Values values = new Values(t * 37L + n * 11L + k);
    KernelCase kernel =
        new KernelCase(n)
            .activation("dy", values.normal(t * n, 1))
            .activation("w", values.normal(n * k, 1 / Math.sqrt(n)));
    if (gelu) {
      kernel.activation("u", values.normal(t * k, 1));
    }
    if (accumulate) {
      kernel.updatedActivation("dx", values.normal(t * k, 1));
    } else {
      kernel.overwrittenActivation("dx", t * k);
    }
    return kernel.call(
        (b, p) ->
            b.gemmBackwardInput(
                p.at("dx"), p.at("dy"), p.at("w"), gelu ? p.at("u") : 0, t, n, k, accumulate));
  }

  static KernelCase backwardWeight(int t, int n, int k, boolean withBias) {
    Values values = new Values(t * 41L + n * 13L + k);
    KernelCase kernel =
        new KernelCase(t)
            .activation("dy", values.normal(t * n, 1))
            .activation("x", values.normal(t * k, 1))
            .updatedFloats("dw", values.normal(n * k, 1));
    if (withBias) {
      kernel.updatedFloats("dbias", values.normal(n, 1));
    }
    return kernel.call(
        (b, p) ->
            b.gemmBackwardWeight(
                p.at("dw"), withBias ? p.at("dbias") : 0, p.at("dy"), p.at("x"), t, n, k));
  }
}
