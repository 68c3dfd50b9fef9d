package org.electra4j.backend.reference;

import org.electra4j.Precision;

/** The kernels of the network's layers, from the embedding to the last residual. */
abstract class ReferenceLayers extends ReferenceMemory {

  ReferenceLayers(Precision precision) {
    super(precision);
  }

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
}
