package org.electra4j.kernels;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.MeasuringBackend;

/** A backend over the C++ kernels of a device: every method hands its addresses on as they are. */
final class NativeBackend extends NativeMemory {

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
  public void gemmForward(
      long y, long u, long x, long w, long bias, int t, int n, int k, boolean gelu) {
    run("gemmForward", kernels -> kernels.gemm_forward(y, u, x, w, bias, t, n, k, gelu));
  }

  @Override
  public void gemmBackwardInput(
      long dx, long dy, long w, long u, int t, int n, int k, boolean accumulate) {
    run(
        "gemmBackwardInput",
        kernels -> kernels.gemm_backward_input(dx, dy, w, u, t, n, k, accumulate));
  }

  @Override
  public void gemmBackwardWeight(long dw, long dbias, long dy, long x, int t, int n, int k) {
    run("gemmBackwardWeight", kernels -> kernels.gemm_backward_weight(dw, dbias, dy, x, t, n, k));
  }

  @Override
  public void geluBackward(long du, long dy, long u, long count) {
    run("geluBackward", kernels -> kernels.gelu_backward(du, dy, u, count));
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
    run(
        "embeddingForward",
        kernels ->
            kernels.embedding_forward(
                y,
                mean,
                rstd,
                ids,
                types,
                positions,
                word,
                position,
                type,
                gamma,
                beta,
                t,
                e,
                vocab,
                maxPositions,
                typeVocab,
                eps,
                p,
                seed,
                step,
                stream));
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
    run(
        "embeddingBackward",
        kernels ->
            kernels.embedding_backward(
                dword,
                dposition,
                dtype,
                dgamma,
                dbeta,
                dsum,
                dy,
                mean,
                rstd,
                ids,
                types,
                positions,
                word,
                position,
                type,
                gamma,
                t,
                e,
                vocab,
                maxPositions,
                typeVocab,
                p,
                seed,
                step,
                stream));
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
    run(
        "attentionForward",
        kernels ->
            kernels.attention_forward(
                context,
                lse,
                qkv,
                cuSeqlens,
                b,
                t,
                n,
                d,
                maxSeqlen,
                p,
                dropoutStride,
                seed,
                step,
                stream));
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
    run(
        "attentionBackward",
        kernels ->
            kernels.attention_backward(
                dqkv,
                dcontext,
                qkv,
                context,
                lse,
                cuSeqlens,
                b,
                t,
                n,
                d,
                maxSeqlen,
                p,
                dropoutStride,
                seed,
                step,
                stream));
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
    run(
        "residualNormForward",
        kernels ->
            kernels.residual_norm_forward(
                y, h, mean, rstd, x, bias, residual, gamma, beta, t, n, eps, p, seed, step,
                stream));
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
    run(
        "residualNormBackward",
        kernels ->
            kernels.residual_norm_backward(
                dx, dresidual, dbias, dgamma, dbeta, dy, h, mean, rstd, gamma, t, n, p, seed, step,
                stream));
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
