package org.electra4j.backend.reference;

import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;

/**
 * The definition of the kernel contract: plain loops with double accumulation, on virtual memory.
 *
 * <p>In {@link Precision#BF16} every store to an activation array rounds, and so do the inner
 * operands that {@link Backend} allows to be rounded: it is the plain loop in that precision, by
 * which faster kernels are judged. It is slow and never chosen automatically.
 *
 * <p>Here are heads, losses, corruption and the optimizer; superclasses have memory and layers.
 */
public final class ReferenceBackend extends ReferenceLayers {

  /**
   * Makes a backend with empty memory.
   *
   * @throws BackendException when the precision is AUTO
   */
  public ReferenceBackend(Precision precision) {
    super(precision);
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
    if (m == 0 || v == 0 || e == 0) {
      return;
    }
    new LmHead(memory, x, table, bias, m, v, e)
        .forward(nll, lse, sampled, predicted, labels, temperature, seed, step, stream);
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
    if (m == 0 || v == 0 || e == 0) {
      return;
    }
    new LmHead(memory, x, table, bias, m, v, e).backward(dx, dtable, dbias, labels, lse, dnll);
  }

  @Override
  public void lmHeadLogits(long logits, long x, long table, long bias, int m, int v, int e) {
    if (m == 0 || v == 0 || e == 0) {
      return;
    }
    new LmHead(memory, x, table, bias, m, v, e).putLogits(logits);
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
    RtdLoss.run(
        memory,
        new Projection(memory, x, w, bias, t, 1, h),
        sums,
        logits,
        dx,
        dw,
        dbias,
        labels,
        t,
        scale);
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
    ClassLoss.run(
        memory,
        new Projection(memory, x, w, bias, rows, classes, h),
        sums,
        logits,
        dx,
        dw,
        dbias,
        labels,
        rows,
        classes,
        scale);
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
    SpanLoss.run(
        memory,
        new Projection(memory, x, w, bias, t, 2, h),
        sums,
        logits,
        dx,
        dw,
        dbias,
        starts,
        ends,
        memory.ints(cuSeqlens, b + 1L),
        scale);
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
    CopyLoss.run(
        memory,
        new Projection(memory, x, w, bias, rows, 1, h),
        sums,
        dnll,
        dx,
        dw,
        dbias,
        nll,
        inputs,
        labels,
        rows,
        scale);
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
    if (t == 0) {
      return;
    }
    new Masking(seed, step)
        .maskTokens(
            memory,
            maskedIds,
            positions,
            labels,
            memory.ints(ids, t),
            memory.ints(cuSeqlens, b + 1L),
            memory.ints(cuMasked, b + 1L),
            m,
            maskTokenProb,
            withReplacement,
            cls,
            sep,
            mask);
  }

  @Override
  public void corruptTokens(
      long corrupted, long replaced, long ids, long positions, long sampled, int t, int m) {
    if (t == 0) {
      return;
    }
    Masking.corruptTokens(
        memory,
        corrupted,
        replaced,
        memory.ints(ids, t),
        memory.ints(positions, m),
        memory.ints(sampled, m));
  }

  @Override
  public void dropout(long y, long x, long count, float p, long seed, long step, int stream) {
    Dropout dropout = new Dropout(p, seed, step, stream);
    double[] values = memory.activations(x, count);
    for (int i = 0; i < values.length; i++) {
      double factor = dropout.factor(i);
      values[i] = factor == 0 ? 0 : values[i] * factor;
    }
    memory.putActivations(y, values);
  }

  @Override
  public void gatherRows(long y, long x, long positions, int t, int m, int n) {
    if (m == 0 || n == 0) {
      return;
    }
    Rows.gather(memory, y, x, memory.ints(positions, m), t, n);
  }

  @Override
  public void scatterRows(long dx, long dy, long positions, int t, int m, int n) {
    if (t == 0 || n == 0) {
      return;
    }
    Rows.scatter(memory, dx, dy, memory.ints(positions, m), t, n);
  }

  @Override
  public void squaredNorm(long sum, long x, long count) {
    memory.putDoubles(sum, Optimizer.squaredNorm(memory.floats(x, count)));
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
    double norm = memory.doubles(squaredNorm, 1)[0];
    Optimizer optimizer =
        new Optimizer(memory, norm, maxGradNorm, learningRate, beta1, beta2, eps, mScale, vScale);
    for (int segment = 0; segment < begins.length; segment++) {
      long begin = begins[segment];
      int count = Math.toIntExact(ends[segment] - begin);
      long bytes = begin * Float.BYTES;
      if (Double.isFinite(norm)) {
        optimizer.step(
            w + bytes,
            m + bytes,
            v + bytes,
            grad + bytes,
            count,
            multipliers[segment],
            decays[segment]);
      }
      memory.putActivations(
          working + begin * memory.activationBytes(), memory.floats(w + bytes, count));
      memory.zero(grad + bytes, (long) count * Float.BYTES);
    }
  }
}
