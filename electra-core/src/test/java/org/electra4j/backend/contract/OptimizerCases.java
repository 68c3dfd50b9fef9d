package org.electra4j.backend.contract;

import static org.assertj.core.api.Assertions.assertThat;

/** Cases of AdamW over segments with gaps between them. */
final class OptimizerCases {
  static final int SIZE = 5000;
  static final float GRADIENT = 0.5f;
  private static final long[] BEGINS = {0, 16, 64, 333, 1000};
  private static final long[] ENDS = {1, 47, 321, 333, 4999};
  private static final float[] MULTIPLIERS = {1, 0.8f, 1, 1, 0.3f};
  private static final float[] DECAYS = {0, 0.01f, 0.1f, 0, 0.01f};

  private OptimizerCases() {}

  static boolean inSegment(int element) {
    for (int i = 0; i < BEGINS.length; i++) {
      if (element >= BEGINS[i] && element < ENDS[i]) {
        return true;
      }
    }
    return false;
  }

  /** A step whose gradient number 100 is given; without bias correction both scales are 1. */
  static KernelCase step(boolean bf16, float maxGradNorm, boolean corrected, float gradient) {
    Values values = new Values(77);
    float[] grad = values.normal(SIZE, 0.1);
    grad[100] = gradient;
    KernelCase kernel =
        new KernelCase(1)
            .updatedFloats("w", values.normal(SIZE, 1))
            .updatedFloats("m", values.normal(SIZE, 0.1))
            .updatedFloats("v", values.uniform(SIZE, 0, 0.01))
            .updatedFloats("grad", grad)
            .overwrittenDoubles("norm", 1)
            .unchecked("norm");
    if (bf16) {
      kernel.updatedActivation("working", values.normal(SIZE, 1));
    }
    return kernel.call(
        (b, a) -> {
          b.squaredNorm(a.at("norm"), a.at("grad"), SIZE);
          b.adamW(
              a.at("w"),
              a.at(bf16 ? "working" : "w"),
              a.at("m"),
              a.at("v"),
              a.at("grad"),
              BEGINS,
              ENDS,
              MULTIPLIERS,
              DECAYS,
              a.at("norm"),
              maxGradNorm,
              0.01f,
              0.9f,
              0.999f,
              1e-6f,
              corrected ? 1 / 0.19f : 1,
              corrected ? 1 / 0.002f : 1);
        });
  }

  static void assertGapsUntouched(KernelCase kernel, Buffers.Result result) {
    for (String name : result.values().keySet()) {
      float[] before = kernel.arrays.get(name).floats();
      if (before == null) {
        continue;
      }
      for (int i = 0; i < SIZE; i++) {
        if (!inSegment(i)) {
          float expected = name.equals("working") ? Values.bf16(before[i]) : before[i];
          assertThat((float) result.of(name)[i]).as("%s[%d]", name, i).isEqualTo(expected);
        }
      }
    }
  }
}
