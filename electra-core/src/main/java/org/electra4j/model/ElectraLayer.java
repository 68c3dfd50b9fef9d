package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.GemmOps;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.LayerNorm;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** Self-attention and feed-forward network, each with residual and LayerNorm after it. */
final class ElectraLayer {
  /** Dropout streams that a layer uses: attention probabilities, attention output, layer output. */
  static final int STREAMS = 3;

  private final ElectraSelfAttention attention;
  private final Linear intermediate;
  private final Linear output;
  private final LayerNorm norm;
  private final float dropoutProb;

  ElectraLayer(ParameterStore store, String prefix, ElectraConfig config) {
    Initializer normal = new Initializer.TruncatedNormal(config.initializerRange());
    int h = config.hiddenSize();
    int i = config.intermediateSize();
    this.attention = new ElectraSelfAttention(store, prefix + "attention.", config);
    this.intermediate = new Linear(store, prefix + "intermediate.dense", normal, h, i);
    this.output = new Linear(store, prefix + "output.dense", normal, i, h);
    this.norm = new LayerNorm(store, prefix + "output.LayerNorm", h, config.layerNormEps());
    this.dropoutProb = config.hiddenDropoutProb();
  }

  Tensor forward(Context c, Tensor x, Sequences sequences, int stream) {
    Tensor attended = attention.forward(c, x, sequences, stream); // (T, H)
    c.recycle(x);
    Tensor fed =
        GemmOps.feedForward(
            c, attended, intermediate.weight(), intermediate.bias(), output.weight());
    Tensor y = norm.forward(c, fed, output.bias(), attended, dropoutProb, stream + 2); // (T, H)
    c.recycle(attended);
    return y;
  }
}
