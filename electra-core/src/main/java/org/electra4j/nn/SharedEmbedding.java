package org.electra4j.nn;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.EmbeddingOps;
import org.electra4j.autograd.Weight;
import org.electra4j.tensor.Tensor;

/**
 * Word, position and type tables with their LayerNorm: one object that generator and discriminator
 * both hold, so their gradients add in one place.
 */
public final class SharedEmbedding {
  private final Parameter word;
  private final Parameter position;
  private final Parameter type;
  private final LayerNorm norm;

  /** Adds the tables under {@code name}, as the checkpoints call them. */
  public SharedEmbedding(
      ParameterStore store,
      String name,
      Initializer initializer,
      int vocabSize,
      int maxPositions,
      int typeVocabSize,
      int embeddingSize,
      float eps) {
    this.word = store.add(name + ".word_embeddings.weight", initializer, vocabSize, embeddingSize);
    this.position =
        store.add(name + ".position_embeddings.weight", initializer, maxPositions, embeddingSize);
    this.type =
        store.add(
            name + ".token_type_embeddings.weight", initializer, typeVocabSize, embeddingSize);
    this.norm = new LayerNorm(store, name + ".LayerNorm", embeddingSize, eps);
  }

  /** Returns the embedded tokens: ids, types and positions (t) i32 to (t, e). */
  public Tensor forward(
      Context c, Tensor ids, Tensor types, Tensor positions, float dropoutProb, int stream) {
    EmbeddingOps.Tables tables =
        new EmbeddingOps.Tables(
            word.weight(), position.weight(), type.weight(), norm.gamma(), norm.beta());
    return EmbeddingOps.embed(c, ids, types, positions, tables, norm.eps(), dropoutProb, stream);
  }

  /** Returns the word table (V, E), which the LM head shares. */
  public Weight words() {
    return word.weight();
  }
}
