package org.electra4j.backend.contract;

import java.util.Arrays;
import org.electra4j.backend.Backend;

/** Cases of the attention family. */
final class AttentionCases {
  static final long SEED = 0x0123_4567_89AB_CDEFL;
  static final long STEP = 12345;
  static final int STREAM = 71;

  private AttentionCases() {}

  /** A stride that is not the tight one. */
  static int stride(int... lengths) {
    return (Arrays.stream(lengths).max().orElse(0) + 7) / 8 * 8 + 8;
  }

  static KernelCase forwardOnly(int heads, int d, float p, int... lengths) {
    int t = Arrays.stream(lengths).sum();
    Values values = new Values(heads * 31L + d * 7L + t);
    return new KernelCase(Math.max(d, Arrays.stream(lengths).max().orElse(0)))
        .activation("qkv", values.normal(t * 3 * heads * d, 1))
        .ints("cuSeqlens", Values.offsets(lengths))
        .overwrittenActivation("context", t * heads * d)
        .call((b, a) -> forward(b, a, 0, heads, d, p, lengths));
  }

  private static void forward(
      Backend b, KernelCase.Addresses a, long lse, int heads, int d, float p, int... lengths) {
    int t = Arrays.stream(lengths).sum();
    b.attentionForward(
        a.at("context"),
        lse,
        a.at("qkv"),
        a.at("cuSeqlens"),
        lengths.length,
        t,
        heads,
        d,
        Arrays.stream(lengths).max().orElse(0),
        p,
        stride(lengths),
        SEED,
        STEP,
        STREAM);
  }

  static KernelCase roundTrip(int heads, int d, float p) {
    return roundTrip(heads, d, p, 1, new int[0]);
  }

  /** Forward, then backward with the context and lse of the same backend. */
  static KernelCase roundTrip(int heads, int d, float p, double deviation, int... lengths) {
    int t = Arrays.stream(lengths).sum();
    Values values = new Values(heads * 37L + d * 11L + t);
    return new KernelCase(Math.max(d, Arrays.stream(lengths).max().orElse(0)))
        .activation("qkv", values.normal(t * 3 * heads * d, deviation))
        .activation("dcontext", values.normal(t * heads * d, 1))
        .ints("cuSeqlens", Values.offsets(lengths))
        .overwrittenActivation("context", t * heads * d)
        .overwrittenFloats("lse", heads * t)
        .overwrittenActivation("dqkv", t * 3 * heads * d)
        .call(
            (b, a) -> {
              forward(b, a, a.at("lse"), heads, d, p, lengths);
              b.attentionBackward(
                  a.at("dqkv"),
                  a.at("dcontext"),
                  a.at("qkv"),
                  a.at("context"),
                  a.at("lse"),
                  a.at("cuSeqlens"),
                  lengths.length,
                  t,
                  heads,
                  d,
                  Arrays.stream(lengths).max().orElse(0),
                  p,
                  stride(lengths),
                  SEED,
                  STEP,
                  STREAM);
            });
  }
}
