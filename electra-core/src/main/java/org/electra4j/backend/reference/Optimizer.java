package org.electra4j.backend.reference;

/** The gradient norm and the AdamW step, segment by segment. */
final class Optimizer {
  private final Memory memory;
  private final double clip;
  private final float learningRate;
  private final float beta1;
  private final float beta2;
  private final float eps;
  private final float mScale;
  private final float vScale;

  Optimizer(
      Memory memory,
      double squaredNorm,
      float maxGradNorm,
      float learningRate,
      float beta1,
      float beta2,
      float eps,
      float mScale,
      float vScale) {
    this.memory = memory;
    this.clip = maxGradNorm == 0 ? 1 : Math.min(1, maxGradNorm / Math.sqrt(squaredNorm));
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
    this.mScale = mScale;
    this.vScale = vScale;
  }

  static double squaredNorm(double[] x) {
    return Vectors.dot(x, 0, x, 0, x.length);
  }

  /** Updates the weights and moments that begin at the given addresses. */
  void step(long w, long m, long v, long grad, int count, float multiplier, float decay) {
    double[] ws = memory.floats(w, count);
    double[] ms = memory.floats(m, count);
    double[] vs = memory.floats(v, count);
    double[] gs = memory.floats(grad, count);
    for (int i = 0; i < count; i++) {
      double g = gs[i] * clip;
      ms[i] = beta1 * ms[i] + (1.0 - beta1) * g;
      vs[i] = beta2 * vs[i] + (1.0 - beta2) * g * g;
      double u = ms[i] * mScale / (Math.sqrt(vs[i] * vScale) + eps) + decay * ws[i];
      ws[i] -= (double) learningRate * multiplier * u;
    }
    memory.putFloats(w, ws);
    memory.putFloats(m, ms);
    memory.putFloats(v, vs);
  }
}
