package org.electra4j.autograd;

import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/** The shared embedding: three tables, LayerNorm and dropout. */
public final class EmbeddingOps {
  private EmbeddingOps() {}

  /** The parameters: word (V, E), position (P, E), type (Y, E), gamma (E), beta (E). */
  public record Tables(Weight word, Weight position, Weight type, Weight gamma, Weight beta) {}

  /**
   * Returns {@code dropout(LayerNorm(word[id] + position[pos] + type[ty]))}.
   *
   * @param ids (t) i32
   * @param types (t) i32
   * @param positions (t) i32
   * @return (t, e)
   */
  public static Tensor embed(
      Context c,
      Tensor ids,
      Tensor types,
      Tensor positions,
      Tables tables,
      float eps,
      float dropoutProb,
      int stream) {
    int t = ids.rows();
    int e = tables.word().size(1);
    types.require("embed", "types", t);
    positions.require("embed", "positions", t);
    Tensor y = c.activation(t, e);
    Tensor mean = c.saved(DType.F32, t);
    Tensor rstd = c.saved(DType.F32, t);
    float p = c.dropout(dropoutProb);
    c.backend()
        .embeddingForward(
            y.address(),
            Tensor.addressOf(mean),
            Tensor.addressOf(rstd),
            ids.address(),
            types.address(),
            positions.address(),
            tables.word().address(),
            tables.position().address(),
            tables.type().address(),
            tables.gamma().address(),
            tables.beta().address(),
            t,
            e,
            tables.word().size(0),
            tables.position().size(0),
            tables.type().size(0),
            eps,
            p,
            c.seed(),
            c.step(),
            stream);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                Tensor dsum = c.arena().tensor(DType.F32, t, e);
                c.backend()
                    .embeddingBackward(
                        tables.word().gradientAddress(),
                        tables.position().gradientAddress(),
                        tables.type().gradientAddress(),
                        tables.gamma().gradientAddress(),
                        tables.beta().gradientAddress(),
                        dsum.address(),
                        dy.address(),
                        mean.address(),
                        rstd.address(),
                        ids.address(),
                        types.address(),
                        positions.address(),
                        tables.word().address(),
                        tables.position().address(),
                        tables.type().address(),
                        tables.gamma().address(),
                        t,
                        e,
                        tables.word().size(0),
                        tables.position().size(0),
                        tables.type().size(0),
                        p,
                        c.seed(),
                        c.step(),
                        stream);
                c.release(y, mean, rstd, dy, dsum);
              });
    }
    return y;
  }
}
