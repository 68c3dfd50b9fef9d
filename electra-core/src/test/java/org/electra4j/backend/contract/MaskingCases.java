package org.electra4j.backend.contract;

import java.util.Arrays;

/** Cases of masking. */
final class MaskingCases {
  static final int CLS = 2;
  static final int SEP = 3;
  static final int MASK = 4;

  private MaskingCases() {}

  /** Sequences that begin with [CLS], end with [SEP] and hold a [MASK] now and then. */
  static KernelCase mask(
      double share, float maskTokenProb, boolean withReplacement, int... lengths) {
    int[] offsets = Values.offsets(lengths);
    int b = lengths.length;
    int t = offsets[b];
    Values values = new Values(t);
    int[] ids = values.ints(t, MASK, 40);
    int[] slots = new int[b];
    for (int i = 0; i < b; i++) {
      if (lengths[i] > 0) {
        ids[offsets[i]] = CLS;
        ids[offsets[i + 1] - 1] = SEP;
      }
      long candidates =
          Arrays.stream(ids, offsets[i], offsets[i + 1]).filter(id -> id > MASK).count();
      slots[i] = (int) Math.ceil(share * candidates);
    }
    int[] cuMasked = Values.offsets(slots);
    int m = cuMasked[b];
    return new KernelCase(1)
        .ints("ids", ids)
        .ints("cuSeqlens", offsets)
        .ints("cuMasked", cuMasked)
        .overwrittenInts("maskedIds", t)
        .overwrittenInts("positions", m)
        .overwrittenInts("labels", m)
        .call(
            (backend, a) ->
                backend.maskTokens(
                    a.at("maskedIds"),
                    a.at("positions"),
                    a.at("labels"),
                    a.at("ids"),
                    a.at("cuSeqlens"),
                    a.at("cuMasked"),
                    b,
                    t,
                    m,
                    maskTokenProb,
                    withReplacement,
                    CLS,
                    SEP,
                    MASK,
                    -5,
                    1L << 40));
  }

  /** Random positions with repetitions; samples that often equal the original. */
  static KernelCase corrupt(int t, int m) {
    Values values = new Values(t * 31L + m);
    int[] positions = t == 0 ? new int[0] : values.ints(m, 0, t);
    Arrays.sort(positions);
    return new KernelCase(1)
        .ints("ids", values.ints(t, 0, 3))
        .ints("positions", positions)
        .ints("sampled", values.ints(m, 0, 3))
        .overwrittenInts("corrupted", t)
        .overwrittenInts("replaced", t)
        .call(
            (b, a) ->
                b.corruptTokens(
                    a.at("corrupted"),
                    a.at("replaced"),
                    a.at("ids"),
                    a.at("positions"),
                    a.at("sampled"),
                    t,
                    m));
  }
}
