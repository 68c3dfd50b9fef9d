package org.electra4j.model;

import java.util.List;
import org.electra4j.ElectraConfig;
import org.electra4j.autograd.AttentionOps;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.GemmOps;
import org.electra4j.autograd.Sequences;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.LayerNorm;
import org.electra4j.nn.Linear;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.tensor.Tensor;

/** Multi-head self-attention with its output projection, residual and LayerNorm. */
final class ElectraSelfAttention {
  private final ElectraConfig config;
  private final ParameterStore store;
  private final List<Parameter> weights;
  private final List<Parameter> biases;
  private final Linear output;
  private final LayerNorm norm;

  ElectraSelfAttention(ParameterStore store, String prefix, ElectraConfig config) {
    this.config = config;
    this.store = store;
    int h = config.hiddenSize();
    Initializer normal = new Initializer.TruncatedNormal(config.initializerRange());
    this.weights = store.addAdjacent(names(prefix, "weight"), normal, h, h);
    this.biases = store.addAdjacent(names(prefix, "bias"), new Initializer.Constant(0), h);
    this.output = new Linear(store, prefix + "output.dense", normal, h, h);
    this.norm = new LayerNorm(store, prefix + "output.LayerNorm", h, config.layerNormEps());
  }

  private static List<String> names(String prefix, String leaf) {
    return List.of(
        prefix + "self.query." + leaf, prefix + "self.key." + leaf, prefix + "self.value." + leaf);
  }

  Tensor forward(Context c, Tensor x, Sequences sequences, int stream) {
    Tensor qkv = GemmOps.linear(c, x, store.stacked(weights), store.stacked(biases)); // (T, 3H)
    Tensor context =
        AttentionOps.attention(
            c,
            qkv,
            sequences,
            config.numAttentionHeads(),
            config.attentionProbsDropoutProb(),
            dropoutStride(config),
            stream); // (T, H)
    c.recycle(qkv);
    Tensor projected = output.forwardWithoutBias(c, context);
    c.recycle(context);
    return norm.forward(
        c, projected, output.bias(), x, config.hiddenDropoutProb(), stream + 1); // (T, H)
  }

  private static int dropoutStride(ElectraConfig config) {
    return (config.maxPositionEmbeddings() + 7) / 8 * 8;
  }
}
