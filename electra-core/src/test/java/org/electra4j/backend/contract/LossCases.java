package org.electra4j.backend.contract;

/** Cases of the losses with a small projection. */
final class LossCases {
  /** Which outputs a call asks for. */
  enum Wanted {
    LOGITS,
    LOSS,
    GRADIENT
  }

  private LossCases() {}

  private static KernelCase inputs(
      Values values, int rows, int units, int h, double deviation, Wanted wanted) {
    KernelCase kernel =
        new KernelCase(Math.max(h, rows))
            .activation("x", values.normal(rows * h, 1))
            .activation("w", values.normal(units * h, deviation / Math.sqrt(h)))
            .floats("bias", values.normal(units, 0.5));
    if (wanted == Wanted.GRADIENT) {
      kernel
          .overwrittenActivation("dx", rows * h)
          .updatedFloats("dw", values.normal(units * h, 1))
          .updatedFloats("dbias", values.normal(units, 1));
    }
    return kernel;
  }

  private static long gradient(KernelCase.Addresses a, String name, Wanted wanted) {
    return wanted == Wanted.GRADIENT ? a.at(name) : 0;
  }

  private static int[] ignoringSome(int[] labels, Values values) {
    for (int i = 1; i < labels.length; i++) {
      labels[i] = values.nextBoolean() && values.nextBoolean() ? -1 : labels[i];
    }
    return labels;
  }

  /** Sums that no call may touch, because only logits are wanted, start with a pattern. */
  private static void sums(KernelCase kernel, int count, Wanted wanted) {
    if (wanted != Wanted.LOGITS) {
      kernel.overwrittenDoubles("sums", count).exactFrom("sums", 1);
    } else {
      float[] pattern = new float[2 * count];
      java.util.Arrays.fill(pattern, 1.5f);
      kernel.updatedFloats("sums", pattern).exact("sums");
    }
  }

  static KernelCase rtd(int t, int h, double deviation, Wanted wanted) {
    Values values = new Values(t * 31L + h);
    KernelCase kernel = inputs(values, t, 1, h, deviation, wanted).overwrittenFloats("logits", t);
    kernel.ints("labels", ignoringSome(values.ints(t, 0, 2), values));
    sums(kernel, 6, wanted);
    return kernel.call(
        (b, a) ->
            b.rtdLoss(
                a.at("sums"),
                a.at("logits"),
                gradient(a, "dx", wanted),
                gradient(a, "dw", wanted),
                gradient(a, "dbias", wanted),
                a.at("x"),
                a.at("w"),
                a.at("bias"),
                wanted == Wanted.LOGITS ? 0 : a.at("labels"),
                t,
                h,
                0.37f));
  }

  static KernelCase classes(int rows, int classes, int h, double deviation, Wanted wanted) {
    Values values = new Values(rows * 31L + classes * 7L + h);
    KernelCase kernel =
        inputs(values, rows, classes, h, deviation, wanted)
            .overwrittenFloats("logits", rows * classes)
            .ints("labels", ignoringSome(values.ints(rows, 0, classes), values));
    sums(kernel, 3, wanted);
    return kernel.call(
        (b, a) ->
            b.classLoss(
                a.at("sums"),
                a.at("logits"),
                gradient(a, "dx", wanted),
                gradient(a, "dw", wanted),
                gradient(a, "dbias", wanted),
                a.at("x"),
                a.at("w"),
                a.at("bias"),
                wanted == Wanted.LOGITS ? 0 : a.at("labels"),
                rows,
                classes,
                h,
                0.37f));
  }

  static KernelCase span(int h, double deviation, Wanted wanted, int... lengths) {
    int[] offsets = Values.offsets(lengths);
    int b = lengths.length;
    int t = offsets[b];
    Values values = new Values(t * 31L + h);
    int[] starts = new int[b];
    int[] ends = new int[b];
    for (int i = 0; i < b; i++) {
      starts[i] = lengths[i] == 0 ? -1 : values.ints(1, 0, lengths[i])[0];
      ends[i] = lengths[i] == 0 ? -1 : values.ints(1, starts[i], lengths[i])[0];
    }
    if (b > 2) {
      starts[1] = -1;
    }
    KernelCase kernel =
        inputs(values, t, 2, h, deviation, wanted)
            .overwrittenFloats("logits", 2 * t)
            .ints("starts", starts)
            .ints("ends", ends)
            .ints("cuSeqlens", offsets);
    sums(kernel, 2, wanted);
    return kernel.call(
        (backend, a) ->
            backend.spanLoss(
                a.at("sums"),
                a.at("logits"),
                gradient(a, "dx", wanted),
                gradient(a, "dw", wanted),
                gradient(a, "dbias", wanted),
                a.at("x"),
                a.at("w"),
                a.at("bias"),
                wanted == Wanted.LOGITS ? 0 : a.at("starts"),
                wanted == Wanted.LOGITS ? 0 : a.at("ends"),
                a.at("cuSeqlens"),
                b,
                t,
                h,
                0.37f));
  }

  static KernelCase copy(int rows, int h, double deviation, double maxNll, Wanted wanted) {
    Values values = new Values(rows * 31L + h);
    KernelCase kernel =
        inputs(values, rows, 1, h, deviation, wanted)
            .floats("nll", values.uniform(rows, 0, maxNll))
            .ints("inputs", values.ints(rows, 0, 2))
            .ints("labels", values.ints(rows, 0, 2))
            .overwrittenFloats("dnll", rows);
    sums(kernel, 2, wanted);
    return kernel.call(
        (b, a) ->
            b.copyLoss(
                a.at("sums"),
                a.at("dnll"),
                gradient(a, "dx", wanted),
                gradient(a, "dw", wanted),
                gradient(a, "dbias", wanted),
                a.at("x"),
                a.at("w"),
                a.at("bias"),
                a.at("nll"),
                a.at("inputs"),
                a.at("labels"),
                rows,
                h,
                0.37f));
  }
}
