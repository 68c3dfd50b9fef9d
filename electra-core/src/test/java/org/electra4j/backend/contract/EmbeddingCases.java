package org.electra4j.backend.contract;

/** Cases of the embedding family. */
final class EmbeddingCases {
  static final long SEED = 0x9876_5432_1234_5678L;
  static final long STEP = 0x1_0000_0003L;
  static final int STREAM = 70;
  static final int POSITIONS = 13;
  static final int TYPES = 2;
  static final float EPS = 1e-12f;

  private EmbeddingCases() {}

  private static KernelCase inputs(Values values, int t, int e, int vocab) {
    return new KernelCase(Math.max(e, t))
        .ints("ids", values.ints(t, 0, vocab))
        .ints("types", values.ints(t, 0, TYPES))
        .ints("positions", values.ints(t, 0, POSITIONS))
        .activation("word", table(values, vocab, e))
        .activation("position", table(values, POSITIONS, e))
        .activation("type", table(values, TYPES, e))
        .floats("gamma", values.shifted(e, 1, 0.2));
  }

  /** A row of one element has no variance: its sum must be exact, or eps blows its rounding up. */
  private static float[] table(Values values, int rows, int e) {
    return e == 1 ? values.wholeFloats(rows, -9, 10) : values.normal(rows * e, 0.7);
  }

  static KernelCase forward(int t, int e, int vocab, float p, boolean keep) {
    Values values = new Values(t * 31L + e * 7L + vocab);
    KernelCase kernel =
        inputs(values, t, e, vocab)
            .floats("beta", values.shifted(e, 0, 0.3))
            .overwrittenActivation("y", t * e);
    if (keep) {
      kernel.overwrittenFloats("mean", t).overwrittenFloats("rstd", t);
    }
    return kernel.call(
        (b, a) ->
            b.embeddingForward(
                a.at("y"),
                keep ? a.at("mean") : 0,
                keep ? a.at("rstd") : 0,
                a.at("ids"),
                a.at("types"),
                a.at("positions"),
                a.at("word"),
                a.at("position"),
                a.at("type"),
                a.at("gamma"),
                a.at("beta"),
                t,
                e,
                vocab,
                POSITIONS,
                TYPES,
                EPS,
                p,
                SEED,
                STEP,
                STREAM));
  }

  /** Backward with the statistics that forward gave for the same inputs. */
  static KernelCase backward(int t, int e, int vocab, float p) {
    Values values = new Values(t * 37L + e * 11L + vocab);
    return inputs(values, t, e, vocab)
        .floats("beta", values.shifted(e, 0, 0.3))
        .activation("dy", values.normal(t * e, 1))
        .overwrittenActivation("y", t * e)
        .overwrittenFloats("mean", t)
        .overwrittenFloats("rstd", t)
        .updatedFloats("dword", values.normal(vocab * e, 1))
        .updatedFloats("dposition", values.normal(POSITIONS * e, 1))
        .updatedFloats("dtype", values.normal(TYPES * e, 1))
        .updatedFloats("dgamma", values.normal(e, 1))
        .updatedFloats("dbeta", values.normal(e, 1))
        .overwrittenFloats("dsum", t * e)
        .call(
            (b, a) -> {
              b.embeddingForward(
                  a.at("y"),
                  a.at("mean"),
                  a.at("rstd"),
                  a.at("ids"),
                  a.at("types"),
                  a.at("positions"),
                  a.at("word"),
                  a.at("position"),
                  a.at("type"),
                  a.at("gamma"),
                  a.at("beta"),
                  t,
                  e,
                  vocab,
                  POSITIONS,
                  TYPES,
                  EPS,
                  p,
                  SEED,
                  STEP,
                  STREAM);
              b.embeddingBackward(
                  a.at("dword"),
                  a.at("dposition"),
                  a.at("dtype"),
                  a.at("dgamma"),
                  a.at("dbeta"),
                  a.at("dsum"),
                  a.at("dy"),
                  a.at("mean"),
                  a.at("rstd"),
                  a.at("ids"),
                  a.at("types"),
                  a.at("positions"),
                  a.at("word"),
                  a.at("position"),
                  a.at("type"),
                  a.at("gamma"),
                  t,
                  e,
                  vocab,
                  POSITIONS,
                  TYPES,
                  p,
                  SEED,
                  STEP,
                  STREAM);
            });
  }
}
