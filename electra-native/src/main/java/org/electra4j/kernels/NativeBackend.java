package org.electra4j.kernels;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.MeasuringBackend;

/**
 * A backend over the C++ kernels of a device: every method hands its addresses on as they are. Here
 * are heads, losses, corruption and the optimizer.
 */
final class NativeBackend extends NativeLayers {

  NativeBackend(Kernels kernels, Precision precision, String device) {
    super(kernels, precision, device);
  }

  @Override
  public Backend measuring() {
    Kernels measuring = measuringKernels();
    return measuring == null
        ? MeasuringBackend.of(this)
        : new NativeBackend(measuring, precision(), device());
  }

  @Override
  public void lmHeadForward(
      long nll,
      long lse,
      long sampled,
      long predicted,
      long x,
      long table,
      long bias,
      long labels,
      int m,
      int v,
      int e,
      float temperature,
      long seed,
      long step,
      int stream) {
    run(
        "lmHeadForward",
        kernels ->
            kernels.lm_head_forward(
                nll,
                lse,
                sampled,
                predicted,
                x,
                table,
                bias,
                labels,
                m,
                v,
                e,
                temperature,
                seed,
                step,
                stream));
  }

  @Override
  public void lmHeadBackward(
      long dx,
      long dtable,
      long dbias,
      long x,
      long table,
      long bias,
      long labels,
      long lse,
      long dnll,
      int m,
      int v,
      int e) {
    run(
        "lmHeadBackward",
        kernels ->
            kernels.lm_head_backward(
                dx, dtable, dbias, x, table, bias, labels, lse, dnll, m, v, e));
  }

  @Override
  public void lmHeadLogits(long logits, long x, long table, long bias, int m, int v, int e) {
    run("lmHeadLogits", kernels -> kernels.lm_head_logits(logits, x, table, bias, m, v, e));
  }

  @Override
  public void rtdLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long labels,
      int t,
      int h,
      float scale) {
    run(
        "rtdLoss",
        kernels -> kernels.rtd_loss(sums, logits, dx, dw, dbias, x, w, bias, labels, t, h, scale));
  }

  @Override
  public void classLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long labels,
      int rows,
      int classes,
      int h,
      float scale) {
    run(
        "classLoss",
        kernels ->
            kernels.class_loss(
                sums, logits, dx, dw, dbias, x, w, bias, labels, rows, classes, h, scale));
  }

  @Override
  public void spanLoss(
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long starts,
      long ends,
      long cuSeqlens,
      int b,
      int t,
      int h,
      float scale) {
    run(
        "spanLoss",
        kernels ->
            kernels.span_loss(
                sums, logits, dx, dw, dbias, x, w, bias, starts, ends, cuSeqlens, b, t, h, scale));
  }

  @Override
  public void copyLoss(
      long sums,
      long dnll,
      long dx,
      long dw,
      long dbias,
      long x,
      long w,
      long bias,
      long nll,
      long inputs,
      long labels,
      int rows,
      int h,
      float scale) {
    run(
        "copyLoss",
        kernels ->
            kernels.copy_loss(
                sums, dnll, dx, dw, dbias, x, w, bias, nll, inputs, labels, rows, h, scale));
  }

  @Override
  public void maskTokens(
      long maskedIds,
      long positions,
      long labels,
      long ids,
      long cuSeqlens,
      long cuMasked,
      int b,
      int t,
      int m,
      float maskTokenProb,
      boolean withReplacement,
      int cls,
      int sep,
      int mask,
      long seed,
      long step) {
    run(
        "maskTokens",
        kernels ->
            kernels.mask_tokens(
                maskedIds,
                positions,
                labels,
                ids,
                cuSeqlens,
                cuMasked,
                b,
                t,
                m,
                maskTokenProb,
                withReplacement,
                cls,
                sep,
                mask,
                seed,
                step));
  }

  @Override
  public void corruptTokens(
      long corrupted, long replaced, long ids, long positions, long sampled, int t, int m) {
    run(
        "corruptTokens",
        kernels -> kernels.corrupt_tokens(corrupted, replaced, ids, positions, sampled, t, m));
  }

  @Override
  public void dropout(long y, long x, long count, float p, long seed, long step, int stream) {
    run("dropout", kernels -> kernels.dropout(y, x, count, p, seed, step, stream));
  }

  @Override
  public void gatherRows(long y, long x, long positions, int t, int m, int n) {
    run("gatherRows", kernels -> kernels.gather_rows(y, x, positions, t, m, n));
  }

  @Override
  public void scatterRows(long dx, long dy, long positions, int t, int m, int n) {
    run("scatterRows", kernels -> kernels.scatter_rows(dx, dy, positions, t, m, n));
  }

  @Override
  public void squaredNorm(long sum, long x, long count) {
    run("squaredNorm", kernels -> kernels.squared_norm(sum, x, count));
  }

  @Override
  public void adamW(
      long w,
      long working,
      long m,
      long v,
      long grad,
      long[] begins,
      long[] ends,
      float[] multipliers,
      float[] decays,
      long squaredNorm,
      float maxGradNorm,
      float learningRate,
      float beta1,
      float beta2,
      float eps,
      float mScale,
      float vScale) {
    try (LongPointer first = new LongPointer(begins);
        LongPointer last = new LongPointer(ends);
        FloatPointer rate = new FloatPointer(multipliers);
        FloatPointer decay = new FloatPointer(decays)) {
      run(
          "adamW",
          kernels ->
              kernels.adamw(
                  w,
                  working,
                  m,
                  v,
                  grad,
                  first.address(),
                  last.address(),
                  rate.address(),
                  decay.address(),
                  begins.length,
                  squaredNorm,
                  maxGradNorm,
                  learningRate,
                  beta1,
                  beta2,
                  eps,
                  mScale,
                  vScale));
    }
  }
}
