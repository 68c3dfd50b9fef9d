package org.electra4j.backend.contract;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;

/** Cases of the language model head. */
final class LmHeadCases {
  static final long SEED = 424242;
  static final long STEP = 7;
  static final int STREAM = 3;

  private LmHeadCases() {}

  private static KernelCase inputs(Values values, int m, int v, int e, double deviation) {
    return new KernelCase(Math.max(e, v))
        .activation("x", values.normal(m * e, deviation))
        .activation("table", values.normal(v * e, 1 / Math.sqrt(e)))
        .floats("bias", values.normal(v, 0.5))
        .ints("labels", values.ints(m, 0, v));
  }

  static KernelCase forward(int m, int v, int e, float temperature, double deviation) {
    return inputs(new Values(m * 31L + v * 7L + e), m, v, e, deviation)
        .overwrittenFloats("nll", m)
        .overwrittenFloats("lse", m)
        .overwrittenInts("sampled", m)
        .overwrittenInts("predicted", m)
        .unchecked("sampled", "predicted")
        .call(
            (b, a) ->
                b.lmHeadForward(
                    a.at("nll"),
                    a.at("lse"),
                    a.at("sampled"),
                    a.at("predicted"),
                    a.at("x"),
                    a.at("table"),
                    a.at("bias"),
                    a.at("labels"),
                    m,
                    v,
                    e,
                    temperature,
                    SEED,
                    STEP,
                    STREAM));
  }

  static KernelCase lossOnly(int m, int v, int e) {
    return inputs(new Values(m * 37L + v * 11L + e), m, v, e, 1)
        .overwrittenFloats("nll", m)
        .overwrittenFloats("lse", m)
        .call(
            (b, a) ->
                b.lmHeadForward(
                    a.at("nll"),
                    a.at("lse"),
                    0,
                    0,
                    a.at("x"),
                    a.at("table"),
                    a.at("bias"),
                    a.at("labels"),
                    m,
                    v,
                    e,
                    1,
                    SEED,
                    STEP,
                    STREAM));
  }

  /** The logits of the inputs of another case. */
  static KernelCase logitsOf(KernelCase other, int m, int v, int e) {
    return new KernelCase(e)
        .activation("x", other.arrays.get("x").floats())
        .activation("table", other.arrays.get("table").floats())
        .floats("bias", other.arrays.get("bias").floats())
        .overwrittenFloats("logits", m * v)
        .call(
            (b, a) ->
                b.lmHeadLogits(a.at("logits"), a.at("x"), a.at("table"), a.at("bias"), m, v, e));
  }

  /**
   * Backward with a given lse. It is an input here so that the tolerance sees what its rounding
   * does: with one id in the vocabulary the gradient is nothing else.
   */
  static KernelCase backwardOfGivenLse(int m, int v, int e) {
    KernelCase own = KernelTester.rounded(backward(m, v, e));
    double[] lse = KernelTester.reference(Precision.FP32, own).of("lse");
    return new KernelCase(Math.max(e, v))
        .activation("x", own.arrays.get("x").floats())
        .activation("table", own.arrays.get("table").floats())
        .floats("bias", own.arrays.get("bias").floats())
        .ints("labels", own.arrays.get("labels").ints())
        .floats("dnll", own.arrays.get("dnll").floats())
        .floats("lse", Values.floats(lse))
        .overwrittenActivation("dx", m * e)
        .updatedFloats("dtable", own.arrays.get("dtable").floats())
        .updatedFloats("dbias", own.arrays.get("dbias").floats())
        .call((b, a) -> backward(b, a, m, v, e));
  }

  private static void backward(Backend b, KernelCase.Addresses a, int m, int v, int e) {
    b.lmHeadBackward(
        a.at("dx"),
        a.at("dtable"),
        a.at("dbias"),
        a.at("x"),
        a.at("table"),
        a.at("bias"),
        a.at("labels"),
        a.at("lse"),
        a.at("dnll"),
        m,
        v,
        e);
  }

  /** Backward with the lse of the same backend. */
  static KernelCase backward(int m, int v, int e) {
    Values values = new Values(m * 41L + v * 13L + e);
    return inputs(values, m, v, e, 1)
        .floats("dnll", values.uniform(m, 0, 1))
        .overwrittenFloats("nll", m)
        .overwrittenFloats("lse", m)
        .overwrittenActivation("dx", m * e)
        .updatedFloats("dtable", values.normal(v * e, 1))
        .updatedFloats("dbias", values.normal(v, 1))
        .call(
            (b, a) -> {
              b.lmHeadForward(
                  a.at("nll"),
                  a.at("lse"),
                  0,
                  0,
                  a.at("x"),
                  a.at("table"),
                  a.at("bias"),
                  a.at("labels"),
                  m,
                  v,
                  e,
                  1,
                  SEED,
                  STEP,
                  STREAM);
              backward(b, a, m, v, e);
            });
  }
}
