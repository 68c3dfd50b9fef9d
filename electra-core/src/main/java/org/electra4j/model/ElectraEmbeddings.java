package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.SharedEmbedding;
import org.electra4j.tensor.Tensor;

/**
 * Embedded tokens at encoder width: tables, LayerNorm, dropout, and a projection where E is not H.
 */
public final class ElectraEmbeddings {
  private final SharedEmbedding tables;
  private final Linear projection;
  private final float dropoutProb;

  /** {@code tables} may belong to another network too; the projection is always this one's own. */
  ElectraEmbeddings(
      ParameterStore store, String prefix, ElectraConfig config, SharedEmbedding tables) {
    this.tables = tables;
    this.projection =
        config.hasEmbeddingProjection()
            ? new Linear(
                store,
                prefix + "embeddings_project",
                new Initializer.GlorotUniform(),
                config.embeddingSize(),
                config.hiddenSize())
            : null;
    this.dropoutProb = config.hiddenDropoutProb();
  }

  static SharedEmbedding tables(ParameterStore store, String prefix, ElectraConfig config) {
    return new SharedEmbedding(
        store,
        prefix + "embeddings",
        new Initializer.TruncatedNormal(config.initializerRange()),
        config.vocabSize(),
        config.maxPositionEmbeddings(),
        config.typeVocabSize(),
        config.embeddingSize(),
        config.layerNormEps());
  }

  Tensor forward(Context c, PackedBatch batch, int stream) {
    Tensor embedded =
        tables.forward(
            c, batch.ids(), batch.types(), batch.positions(), dropoutProb, stream); // (T, E)
    if (projection == null) {
      return embedded;
    }
    Tensor projected = projection.forward(c, embedded); // (T, H)
    c.recycle(embedded);
    return projected;
  }

  SharedEmbedding tables() {
    return tables;
  }
}
