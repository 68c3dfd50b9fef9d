package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a model directory as an ONNX file, with batch and length dynamic.
 *
 * <p>Inputs are {@code input_ids}, {@code attention_mask} (1 for tokens, 0 for padding) and {@code
 * token_type_ids}, int64 (batch, sequence). Outputs, fp32, follow the architecture:
 *
 * <ul>
 *   <li>ElectraForPreTraining: {@code logits} (batch, sequence); its sigmoid is the probability
 *       that a token was replaced
 *   <li>ElectraForMaskedLM: {@code logits} (batch, sequence, vocabulary)
 *   <li>ElectraForSequenceClassification: {@code logits} (batch, labels)
 *   <li>ElectraForTokenClassification: {@code logits} (batch, sequence, labels)
 *   <li>ElectraForQuestionAnswering: {@code start_logits} and {@code end_logits} (batch, sequence)
 *   <li>any other, or where the encoder is asked for: {@code last_hidden_state} (batch, sequence,
 *       hidden)
 * </ul>
 *
 * <p>What is computed at the places of padding has no meaning; padding itself does not change what
 * is computed at tokens.
 */
public final class OnnxExport {
  private static final String BATCH = "batch";
  private static final String SEQUENCE = "sequence";
  private static final String LOGITS = "logits";
  private static final Map<String, ?> NONE = Map.of();

  private final HuggingFaceConfig description;
  private final OnnxNetwork network;
  private final OnnxGraphWriter graph;

  private OnnxExport(HuggingFaceConfig description, Weights weights) {
    this.description = description;
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("architecture", String.join(",", description.architectures()));
    if (description.otherFields().get("id2label") instanceof Map<?, ?> labels) {
      metadata.put("id2label", JsonFiles.MAPPER.valueToTree(labels).toString());
    }
    this.graph = new OnnxGraphWriter("electra", metadata);
    this.network = new OnnxNetwork(graph, weights, description.config());
  }

  /**
   * Writes the network of a directory, with its head; an older file is replaced.
   *
   * @throws FileFormatException when the directory is not valid or lacks a tensor
   * @throws IOException also when {@code file} is a folder, or would be larger than 2 GB
   */
  public static void write(Path directory, Path file) throws IOException {
    write(directory, file, false);
  }

  /** Writes the encoder of a directory, without a head; throws as {@link #write(Path, Path)}. */
  public static void writeEncoder(Path directory, Path file) throws IOException {
    write(directory, file, true);
  }

  private static void write(Path directory, Path file, boolean encoder) throws IOException {
    HuggingFaceConfig description = HuggingFaceConfig.read(directory);
    try (Weights weights = ModelWeights.open(directory)) {
      OnnxExport export = new OnnxExport(description, weights);
      export.build(encoder, directory.resolve(HuggingFaceConfig.FILE));
      AtomicFile.write(file, export.graph::writeTo);
    }
  }

  private void build(boolean encoderOnly, Path source) throws IOException {
    for (String input : List.of(OnnxNetwork.IDS, OnnxNetwork.MASK, OnnxNetwork.TYPES)) {
      graph.input(input, OnnxGraphWriter.INT64, BATCH, SEQUENCE);
    }
    String hidden = network.encoder();
    List<String> known = encoderOnly ? List.of() : description.architectures();
    String architecture = known.size() == 1 ? known.get(0) : "";
    switch (architecture) {
      case "ElectraForPreTraining" -> discriminator(hidden);
      case "ElectraForMaskedLM" -> languageModel(hidden);
      case "ElectraForSequenceClassification" -> sequenceClassification(hidden);
      case "ElectraForTokenClassification" -> tokenClassification(hidden);
      case "ElectraForQuestionAnswering" -> questionAnswering(hidden);
      case HuggingFaceConfig.JOINT_SPANS ->
          throw new FileFormatException(
              source,
              "has the joint head for spans, whose beam has no form in ONNX; export its encoder, or"
                  + " fine-tune with the independent head.");
      default -> {
        graph.nodeTo("last_hidden_state", "Identity", NONE, hidden);
        output("last_hidden_state", BATCH, SEQUENCE, description.config().hiddenSize());
      }
    }
  }

  private void output(String name, Object... dimensions) {
    graph.output(name, OnnxGraphWriter.FLOAT, dimensions);
  }

  private void discriminator(String hidden) throws IOException {
    String head = "discriminator_predictions.";
    String x = network.gelu(network.linear(head + "dense", hidden));
    String logits = network.linear(head + "dense_prediction", x); // (B, S, 1)
    graph.nodeTo(LOGITS, "Squeeze", NONE, logits, graph.longs(2));
    output(LOGITS, BATCH, SEQUENCE);
  }

  private void languageModel(String hidden) throws IOException {
    String head = "generator_predictions.";
    String x = network.gelu(network.linear(head + "dense", hidden)); // (B, S, E)
    String normalized = network.layerNorm(head + "LayerNorm", x);
    String words = graph.node("Transpose", network.weight(OnnxNetwork.WORDS)); // (E, V)
    String products = graph.node("MatMul", normalized, words); // (B, S, V)
    graph.nodeTo(LOGITS, "Add", NONE, products, network.weight("generator_lm_head.bias"));
    output(LOGITS, BATCH, SEQUENCE, description.config().vocabSize());
  }

  private void sequenceClassification(String hidden) throws IOException {
    String first = graph.node("Gather", Map.of("axis", 1), hidden, graph.longs(0)); // (B, 1, H)
    String cls = graph.node("Squeeze", first, graph.longs(1)); // (B, H)
    String x = network.gelu(network.linear("classifier.dense", cls));
    String logits = network.linear("classifier.out_proj", x);
    graph.nodeTo(LOGITS, "Identity", NONE, logits);
    output(LOGITS, BATCH, network.rows("classifier.out_proj.bias"));
  }

  private void tokenClassification(String hidden) throws IOException {
    graph.nodeTo(LOGITS, "Identity", NONE, network.linear("classifier", hidden));
    output(LOGITS, BATCH, SEQUENCE, network.rows("classifier.bias"));
  }

  private void questionAnswering(String hidden) throws IOException {
    String logits = network.linear("qa_outputs", hidden); // (B, S, 2)
    String[] names = {"start_logits", "end_logits"};
    for (int i = 0; i < names.length; i++) {
      String one = graph.node("Gather", Map.of("axis", 2), logits, graph.longs(i)); // (B, S, 1)
      graph.nodeTo(names[i], "Squeeze", NONE, one, graph.longs(2));
      output(names[i], BATCH, SEQUENCE);
    }
  }
}
