package org.electra4j.io;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.electra4j.ElectraConfig;

/** Adds the layers of the encoder to an ONNX graph; shapes are (B, S, width). */
final class OnnxNetwork {
  static final String IDS = "input_ids";
  static final String MASK = "attention_mask";
  static final String TYPES = "token_type_ids";
  static final String WORDS = "electra.embeddings.word_embeddings.weight";

  private static final String EMBEDDINGS = "electra.embeddings.";

  /** Added to the scores of padding, as in the reference: its probability becomes 0. */
  private static final float PADDING = -10_000;

  private static final float SQRT_HALF = (float) Math.sqrt(0.5);

  private final OnnxGraphWriter graph;
  private final Weights weights;
  private final ElectraConfig config;

  OnnxNetwork(OnnxGraphWriter graph, Weights weights, ElectraConfig config) {
    this.graph = graph;
    this.weights = weights;
    this.config = config;
  }

  /** Adds embeddings and encoder; returns the hidden states of the last layer. */
  String encoder() throws IOException {
    String x = embeddings(); // (B, S, H)
    String bias = paddingBias(); // (B, 1, 1, S)
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      x = layer("electra.encoder.layer." + i + ".", x, bias);
    }
    return x;
  }

  private String embeddings() throws IOException {
    String words = graph.node("Gather", weight(WORDS), IDS); // (B, S, E)
    String types = graph.node("Gather", weight(EMBEDDINGS + "token_type_embeddings.weight"), TYPES);
    String length = graph.node("Gather", graph.node("Shape", IDS), graph.longs(1)); // (1): S
    String positions =
        graph.node(
            "Slice",
            weight(EMBEDDINGS + "position_embeddings.weight"),
            graph.longs(0),
            length,
            graph.longs(0)); // (S, E)
    String sum = graph.node("Add", graph.node("Add", words, types), positions);
    String normalized = layerNorm(EMBEDDINGS + "LayerNorm", sum);
    return config.hasEmbeddingProjection()
        ? linear("electra.embeddings_project", normalized)
        : normalized;
  }

  private String paddingBias() {
    String mask = graph.node("Cast", Map.of("to", OnnxGraphWriter.FLOAT), MASK); // (B, S)
    String padding = graph.node("Sub", graph.scalar(1), mask);
    String bias = graph.node("Mul", padding, graph.scalar(PADDING));
    return graph.node("Unsqueeze", bias, graph.longs(1, 2));
  }

  private String layer(String prefix, String x, String bias) throws IOException {
    String context = attention(prefix + "attention.self.", x, bias);
    String attended = linear(prefix + "attention.output.dense", context);
    String middle =
        layerNorm(prefix + "attention.output.LayerNorm", graph.node("Add", attended, x));
    String inner = gelu(linear(prefix + "intermediate.dense", middle)); // (B, S, I)
    String outer = linear(prefix + "output.dense", inner);
    return layerNorm(prefix + "output.LayerNorm", graph.node("Add", outer, middle));
  }

  private String attention(String prefix, String x, String bias) throws IOException {
    String query = heads(linear(prefix + "query", x), 0, 2, 1, 3); // (B, N, S, D)
    String key = heads(linear(prefix + "key", x), 0, 2, 3, 1); // (B, N, D, S)
    String value = heads(linear(prefix + "value", x), 0, 2, 1, 3);
    String products = graph.node("MatMul", query, key); // (B, N, S, S)
    String scale = graph.scalar((float) (1 / Math.sqrt(config.headSize())));
    String scores = graph.node("Add", graph.node("Mul", products, scale), bias);
    String probabilities = graph.node("Softmax", Map.of("axis", -1), scores);
    String mixed = graph.node("MatMul", probabilities, value); // (B, N, S, D)
    String together = graph.node("Transpose", Map.of("perm", new int[] {0, 2, 1, 3}), mixed);
    return graph.node("Reshape", together, graph.longs(0, 0, config.hiddenSize()));
  }

  private String heads(String x, int... permutation) {
    String split =
        graph.node("Reshape", x, graph.longs(0, 0, config.numAttentionHeads(), config.headSize()));
    return graph.node("Transpose", Map.of("perm", permutation), split);
  }

  /** Adds {@code x W^T + b}; the weight is stored transposed, (in, out). */
  String linear(String name, String x) throws IOException {
    List<Long> shape = shape(name + ".weight");
    long outputs = shape.get(0);
    long inputs = shape.get(1);
    String matrix =
        graph.weight(
            name + ".weight_transposed",
            LazyTensor.transposed(weights, name + ".weight"),
            inputs,
            outputs);
    return graph.node("Add", graph.node("MatMul", x, matrix), weight(name + ".bias"));
  }

  /** Adds GELU in its erf form: {@code x (1 + erf(x / sqrt(2))) / 2}. */
  String gelu(String x) {
    String erf = graph.node("Erf", graph.node("Mul", x, graph.scalar(SQRT_HALF)));
    String twice = graph.node("Mul", x, graph.node("Add", erf, graph.scalar(1)));
    return graph.node("Mul", twice, graph.scalar(0.5f));
  }

  String layerNorm(String name, String x) throws IOException {
    return graph.node(
        "LayerNormalization",
        Map.of("axis", -1, "epsilon", config.layerNormEps()),
        x,
        weight(name + ".weight"),
        weight(name + ".bias"));
  }

  /** Adds a weight as it is. */
  String weight(String name) throws IOException {
    long[] shape = shape(name).stream().mapToLong(Long::longValue).toArray();
    return graph.weight(name, weights.source(name), shape);
  }

  /** Returns the first dimension of a weight. */
  long rows(String name) throws IOException {
    return shape(name).get(0);
  }

  private List<Long> shape(String name) throws FileFormatException {
    List<Long> shape = weights.shapes().get(name);
    if (shape == null || shape.isEmpty() || name.endsWith(".weight") && isMatrix(name, shape)) {
      throw new FileFormatException(
          weights.source(), "lacks the tensor " + name + ", or it has another shape.");
    }
    return shape;
  }

  private static boolean isMatrix(String name, List<Long> shape) {
    boolean vector = name.endsWith("LayerNorm.weight");
    return shape.size() != (vector ? 1 : 2);
  }
}
