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
 */
public final class ReferenceBackend implements Backend {
  private final Precision precision;
  private final Memory memory;

  /**
   * Makes a backend with empty memory.
   *
   * @throws BackendException when the precision is AUTO
   */
  public ReferenceBackend(Precision precision) {
    if (precision == Precision.AUTO) {
      throw new BackendException("The reference backend computes in FP32 or BF16, not AUTO.");
    }
    this.precision = precision;
    this.memory = new Memory(precision);
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public String device() {
    return "reference";
  }

  @Override
  public String description() {
    return "plain Java loops, " + precision;
  }

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public long alloc(long bytes) {
    return memory.alloc(bytes);
  }

  @Override
  public void release(long address) {
    memory.release(address);
  }

  @Override
  public void freeze(long address, long bytes) {}

  @Override
  public void upload(long address, float[] source, int offset, int count) {
    memory.putFloats(address, source, offset, count);
  }

  @Override
  public void upload(long address, int[] source, int offset, int count) {
    memory.putInts(address, source, offset, count);
  }

  @Override
  public void download(long address, float[] target, int offset, int count) {
    memory.copyFloats(address, target, offset, count);
  }

  @Override
  public void download(long address, int[] target, int offset, int count) {
    memory.copyInts(address, target, offset, count);
  }

  @Override
  public void download(long address, double[] target, int offset, int count) {
    memory.copyDoubles(address, target, offset, count);
  }

  @Override
  public void fillZero(long address, long bytes) {
    memory.zero(address, bytes);
  }

  @Override
  public void toActivation(long y, long x, long count) {
    memory.putActivations(y, memory.floats(x, count));
  }

  @Override
  public void fromActivation(long y, long x, long count) {
    memory.putFloats(y, memory.activations(x, count));
  }

  @Override
  public void addActivation(long y, long x, long count) {
    double[] sums = memory.activations(y, count);
    Vectors.addScaled(1, memory.activations(x, count), 0, sums, 0, sums.length);
    memory.putActivations(y, sums);
  }

  @Override
  public void synchronize() {}

  @Override
  public void gemmForward(
      long y, long u, long x, long w, long bias, int t, int n, int k, boolean gelu) {
    if (t == 0 || n == 0 || k == 0) {
      return;
    }
    Gemm.forward(memory, y, u, x, w, bias, t, n, k, gelu);
  }

  @Override
  public void gemmBackwardInput(
      long dx, long dy, long w, long u, int t, int n, int k, boolean accumulate) {
    if (t == 0 || n == 0 || k == 0) {
      return;
    }
    Gemm.backwardInput(memory, dx, dy, w, u, t, n, k, accumulate);
  }

  @Override
  public void gemmBackwardWeight(long dw, long dbias, long dy, long x, int t, int n, int k) {
    if (t == 0 || n == 0 || k == 0) {
      return;
    }
    Gemm.backwardWeight(memory, dw, dbias, dy, x, t, n, k);
  }

  @Override
  public void geluBackward(long du, long dy, long u, long count) {
    if (count == 0) {
      return;
    }
    Gelu.backward(memory, du, dy, u, count);
  }

  @Override
  public void embeddingForward(
      long y,
      long mean,
      long rstd,
      long ids,
      long types,
      long positions,
      long word,
      long position,
      long type,
      long gamma,
      long beta,
      int t,
      int e,
      int vocab,
      int maxPositions,
      int typeVocab,
      float eps,
      float p,
      long seed,
      long step,
      int stream) {
    if (t == 0 || e == 0) {
      return;
    }
    new Embedding(memory, ids, types, positions, t, e, vocab, maxPositions, typeVocab)
        .forward(
            y,
            mean,
            rstd,
            word,
            position,
            type,
            gamma,
            beta,
            eps,
            new Dropout(p, seed, step, stream));
  }

  @Override
  public void embeddingBackward(
      long dword,
      long dposition,
      long dtype,
      long dgamma,
      long dbeta,
      long dsum,
      long dy,
      long mean,
      long rstd,
      long ids,
      long types,
      long positions,
      long word,
      long position,
      long type,
      long gamma,
      int t,
      int e,
      int vocab,
      int maxPositions,
      int typeVocab,
      float p,
      long seed,
      long step,
      int stream) {
    if (t == 0 || e == 0) {
      return;
    }
    new Embedding(memory, ids, types, positions, t, e, vocab, maxPositions, typeVocab)
        .backward(
            dword,
            dposition,
            dtype,
            dgamma,
            dbeta,
            dsum,
            dy,
            mean,
            rstd,
            word,
            position,
            type,
            gamma,
            new Dropout(p, seed, step, stream));
  }

  @Override
  public void attentionForward(
      long context,
      long lse,
      long qkv,
      long cuSeqlens,
      int b,
      int t,
      int n,
      int d,
      int maxSeqlen,
      float p,
      int dropoutStride,
      long seed,
      long step,
      int stream) {
    if (t == 0 || n == 0 || d == 0) {
      return;
    }
    new Attention(
            memory, qkv, cuSeqlens, b, t, n, d, dropoutStride, new Dropout(p, seed, step, stream))
        .forward(context, lse);
  }

  @Override
  public void attentionBackward(
      long dqkv,
      long dcontext,
      long qkv,
      long context,
      long lse,
      long cuSeqlens,
      int b,
      int t,
      int n,
      int d,
      int maxSeqlen,
      float p,
      int dropoutStride,
      long seed,
      long step,
      int stream) {
    if (t == 0 || n == 0 || d == 0) {
      return;
    }
    new Attention(
            memory, qkv, cuSeqlens, b, t, n, d, dropoutStride, new Dropout(p, seed, step, stream))
        .backward(dqkv, dcontext, context, lse);
  }

  @Override
  public void residualNormForward(
      long y,
      long h,
      long mean,
      long rstd,
      long x,
      long bias,
      long residual,
      long gamma,
      long beta,
      int t,
      int n,
      float eps,
      float p,
      long seed,
      long step,
      int stream) {
    if (t == 0 || n == 0) {
      return;
    }
    ResidualNorm.forward(
        memory,
        y,
        h,
        mean,
        rstd,
        x,
        bias,
        residual,
        gamma,
        beta,
        t,
        n,
        eps,
        new Dropout(p, seed, step, stream));
  }

  @Override
  public void residualNormBackward(
      long dx,
      long dresidual,
      long dbias,
      long dgamma,
      long dbeta,
      long dy,
      long h,
      long mean,
      long rstd,
      long gamma,
      int t,
      int n,
      float p,
      long seed,
      long step,
      int stream) {
    if (t == 0 || n == 0) {
      return;
    }
    ResidualNorm.backward(
        memory,
        dx,
        dresidual,
        dbias,
        dgamma,
        dbeta,
        dy,
        h,
        mean,
        rstd,
        gamma,
        t,
        n,
        new Dropout(p, seed, step, stream));
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

  @Override
  public void close() {
    memory.releaseAll();
  }
}
