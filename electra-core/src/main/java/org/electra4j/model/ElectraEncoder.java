package org.electra4j.model;

import java.util.ArrayList;
import java.util.List;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** The stack of layers. */
final class ElectraEncoder {
  private final List<ElectraLayer> layers = new ArrayList<>();

  ElectraEncoder(ParameterStore store, String prefix, ElectraConfig config) {
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new ElectraLayer(store, prefix + "encoder.layer." + i + ".", config));
    }
  }

  /** {@code frozen} layers from the bottom get no gradient. */
  Tensor forward(Context c, Tensor x, Sequences sequences, int stream, int frozen) {
    Tensor hidden = x;
    for (int i = 0; i < layers.size(); i++) {
      hidden = layers.get(i).forward(c, hidden, sequences, stream); // (T, H)
      stream += ElectraLayer.STREAMS;
      if (i < frozen && c.isTraining()) {
        c.tape().forget();
      }
    }
    return hidden;
  }
}
