package org.electra4j.autograd;

import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/**
 * Choosing, hiding and replacing tokens. Nothing here is differentiated: this is the stop-gradient.
 */
public final class MaskOps {
  private MaskOps() {}

  /**
   * What the generator is asked.
   *
   * @param maskedIds (t) i32: its input
   * @param positions (m) i32: rows in t, ascending
   * @param labels (m) i32: the original ids there
   */
  public record Masked(Tensor maskedIds, Tensor positions, Tensor labels) {}

  /**
   * What the discriminator is asked.
   *
   * @param corruptedIds (t) i32: its input
   * @param replaced (t) i32: 1 where the id differs from the original
   */
  public record Corrupted(Tensor corruptedIds, Tensor replaced) {}

  /**
   * Returns masked inputs (paper section 3.1; reference file pretrain_helpers.py).
   *
   * @param cuMasked (B + 1) i32: where the slots of each sequence start in m, then m
   * @param maskTokenProb probability of showing [MASK] rather than the original, 0.85 in ELECTRA
   */
  public static Masked mask(
      Context c,
      Tensor ids,
      Sequences sequences,
      Tensor cuMasked,
      int m,
      float maskTokenProb,
      boolean withReplacement,
      int cls,
      int sep,
      int mask) {
    int t = sequences.tokens();
    Masked masked =
        new Masked(
            c.arena().tensor(DType.I32, t),
            c.arena().tensor(DType.I32, m),
            c.arena().tensor(DType.I32, m));
    c.backend()
        .maskTokens(
            masked.maskedIds().address(),
            masked.positions().address(),
            masked.labels().address(),
            ids.address(),
            sequences.cuSeqlens().address(),
            cuMasked.address(),
            sequences.count(),
            t,
            m,
            maskTokenProb,
            withReplacement,
            cls,
            sep,
            mask,
            c.seed(),
            c.step());
    return masked;
  }

  /** Returns the ids with samples at the masked positions. {@code ids} (t), {@code sampled} (m). */
  public static Corrupted corrupt(Context c, Tensor ids, Tensor positions, Tensor sampled) {
    int t = ids.rows();
    int m = positions.rows();
    sampled.require("corrupt", "sampled", m);
    Corrupted corrupted =
        new Corrupted(c.arena().tensor(DType.I32, t), c.arena().tensor(DType.I32, t));
    c.backend()
        .corruptTokens(
            corrupted.corruptedIds().address(),
            corrupted.replaced().address(),
            ids.address(),
            positions.address(),
            sampled.address(),
            t,
            m);
    return corrupted;
  }
}
