package org.electra4j.kernels;

import org.electra4j.Precision;

/** The kernels of the network's layers, from the embedding to the last residual. */
abstract class NativeLayers extends NativeMemory {

  NativeLayers(Kernels kernels, Precision precision, String device) {
    super(kernels, precision, device);
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
}
