package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.nn.ParameterStore;
import org.electra4j.nn.SharedEmbedding;
import org.electra4j.tensor.Tensor;

/**
 * Embeddings and encoder: token ids to hidden states. There is no pooler (reference file
 * modeling.py).
 */
public final class ElectraModel {
  /** Nothing is frozen. */
  public static final int TRAIN_ALL = -1;

  private final ElectraConfig config;
  private final ElectraEmbeddings embeddings;
  private final ElectraEncoder encoder;

  /**
   * A network with tables of its own, its parameters named {@code prefix + "embeddings…"} and so
   * on.
   */
  public ElectraModel(ParameterStore store, String prefix, ElectraConfig config) {
    this(store, prefix, config, ElectraEmbeddings.tables(store, prefix, config));
  }

  /** Makes a network on the tables of another. */
  public ElectraModel(
      ParameterStore store, String prefix, ElectraConfig config, SharedEmbedding tables) {
    this.config = config;
    this.embeddings = new ElectraEmbeddings(store, prefix, config, tables);
    this.encoder = new ElectraEncoder(store, prefix, config);
  }

  /**
   * Returns the hidden states of the last layer, (T, H).
   *
   * @param stream first of the dropout streams that this pass uses
   */
  public Tensor forward(Context c, PackedBatch batch, int stream) {
    return forward(c, batch, stream, TRAIN_ALL);
  }

  /**
   * Returns the same with the lower part frozen: it gets no gradient and costs no backward pass.
   *
   * @param frozenLayers {@link #TRAIN_ALL}, or how many layers from the bottom are frozen together
   *     with the embeddings, from 0 on
   */
  public Tensor forward(Context c, PackedBatch batch, int stream, int frozenLayers) {
    Tensor embedded = embeddings.forward(c, batch, stream); // (T, H)
    if (frozenLayers != TRAIN_ALL && c.isTraining()) {
      c.tape().forget();
    }
    return encoder.forward(c, embedded, batch.sequences(), stream + 1, frozenLayers);
  }

  /** Returns the shape of the network. */
  public ElectraConfig config() {
    return config;
  }

  /** Returns the tables, for a second network and for the LM head. */
  public SharedEmbedding tables() {
    return embeddings.tables();
  }
}
