package org.electra4j.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.electra4j.ElectraConfig;

/**
 * The {@code config.json} of a Hugging Face model directory.
 *
 * @param config shape of the network
 * @param modelType {@code electra}, or {@code bert} for an encoder without embedding projection
 * @param architectures class names of transformers, such as {@code ElectraForPreTraining}; may be
 *     empty
 * @param otherFields all fields that are not part of the shape, such as {@code id2label}, as plain
 *     Java values; they are written back unchanged
 */
public record HuggingFaceConfig(
    ElectraConfig config,
    String modelType,
    List<String> architectures,
    Map<String, Object> otherFields) {

  /** File name inside a model directory. */
  public static final String FILE = "config.json";

  /** Architecture of a discriminator with its replaced-token head. */
  public static final String DISCRIMINATOR = "ElectraForPreTraining";

  /** Architecture of a generator with its masked-language-model head. */
  public static final String GENERATOR = "ElectraForMaskedLM";

  /** Architecture with the reference's joint head for spans; transformers has no such class. */
  public static final String JOINT_SPANS = "ElectraForJointQuestionAnswering";

  private static final String ELECTRA = "electra";
  private static final String BERT = "bert";
  private static final String ACTIVATION = "gelu";
  private static final String POSITIONS = "absolute";
  private static final Pattern CAMEL_CASE = Pattern.compile("\\b[a-z]+(?:[A-Z][a-z]+)+\\b");

  /** Copies the collections; values may be null as JSON has it. */
  public HuggingFaceConfig {
    architectures = List.copyOf(architectures);
    otherFields = Collections.unmodifiableMap(new LinkedHashMap<>(otherFields));
  }

  /**
   * Returns the configuration of an ELECTRA model with the fields that transformers fills in
   * itself.
   */
  public static HuggingFaceConfig electra(ElectraConfig config, String architecture) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("summary_type", "first");
    fields.put("summary_use_proj", true);
    fields.put("summary_activation", ACTIVATION);
    fields.put("summary_last_dropout", 0.1);
    fields.put("classifier_dropout", null);
    fields.put("use_cache", true);
    fields.put("is_decoder", false);
    fields.put("add_cross_attention", false);
    fields.put("bos_token_id", null);
    fields.put("eos_token_id", null);
    fields.put("tie_word_embeddings", true);
    fields.put("dtype", "float32");
    return new HuggingFaceConfig(config, ELECTRA, List.of(architecture), fields);
  }

  /**
   * Requires that a model directory is there.
   *
   * @throws NoSuchFileException if it is not, or is a file
   */
  public static void requireDirectory(Path path) throws NoSuchFileException {
    if (!Files.isDirectory(path)) {
      throw new NoSuchFileException(
          path.toString(),
          null,
          Files.exists(path)
              ? "this is a file, not a model directory"
              : "the model directory does not exist");
    }
  }

  /**
   * Reads {@code config.json} from a directory, or the file itself.
   *
   * <p>The sizes must be there; other fields have the defaults of transformers. Unknown fields are
   * kept.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws FileFormatException if a field is missing, has a wrong type, contradicts another or
   *     asks for a network that is not this one; names the file and the field
   */
  public static HuggingFaceConfig read(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(FILE) : path;
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "the file is missing, but a Hugging Face model directory has it");
    }
    Reader reader = new Reader(file, JsonTree.read(file));
    String modelType = reader.text("model_type", null);
    if (!ELECTRA.equals(modelType) && !BERT.equals(modelType)) {
      throw new FileFormatException(
          file, "model_type must be \"electra\" or \"bert\", but is \"" + modelType + "\".");
    }
    reader.requireText("position_embedding_type", POSITIONS);
    reader.requireText("hidden_act", ACTIVATION);
    reader.requireFalse("is_decoder");
    reader.requireFalse("add_cross_attention");
    ElectraConfig config = reader.shape(modelType);
    return new HuggingFaceConfig(config, modelType, reader.architectures(), reader.rest());
  }

  /** Writes {@code config.json} into a directory, with all fields that transformers 5.18 writes. */
  public void write(Path directory) throws IOException {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.set("architectures", JsonFiles.MAPPER.valueToTree(architectures));
    json.put("model_type", modelType);
    json.put("vocab_size", config.vocabSize());
    if (modelType.equals(ELECTRA)) {
      json.put("embedding_size", config.embeddingSize());
    }
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.numHiddenLayers());
    json.put("num_attention_heads", config.numAttentionHeads());
    json.put("intermediate_size", config.intermediateSize());
    json.put("hidden_act", ACTIVATION);
    json.put("hidden_dropout_prob", config.hiddenDropoutProb());
    json.put("attention_probs_dropout_prob", config.attentionProbsDropoutProb());
    json.put("max_position_embeddings", config.maxPositionEmbeddings());
    json.put("type_vocab_size", config.typeVocabSize());
    json.put("initializer_range", config.initializerRange());
    json.put("layer_norm_eps", config.layerNormEps());
    json.put("pad_token_id", config.padTokenId());
    json.put("position_embedding_type", POSITIONS);
    otherFields.forEach((key, value) -> json.set(key, JsonFiles.MAPPER.valueToTree(value)));
    JsonFiles.writeObject(directory.resolve(FILE), json);
  }

  /** Takes the fields out of the JSON object one by one; what is left is {@link #otherFields}. */
  private static final class Reader {
    private final Path file;
    private final ObjectNode json;

    Reader(Path file, ObjectNode json) {
      this.file = file;
      this.json = json;
    }

    ElectraConfig shape(String modelType) throws FileFormatException {
      int hidden = size("hidden_size");
      int embedding;
      if (modelType.equals(ELECTRA)) {
        embedding = size("embedding_size");
      } else {
        embedding = whole("embedding_size", hidden);
        if (embedding != hidden) {
          throw new FileFormatException(
              file,
              "embedding_size is "
                  + embedding
                  + " and hidden_size "
                  + hidden
                  + ", but model_type \"bert\" has one width for both.");
        }
      }
      try {
        return new ElectraConfig(
            size("vocab_size"),
            embedding,
            hidden,
            size("num_hidden_layers"),
            size("num_attention_heads"),
            size("intermediate_size"),
            number("hidden_dropout_prob", 0.1f),
            number("attention_probs_dropout_prob", 0.1f),
            whole("max_position_embeddings", 512),
            whole("type_vocab_size", 2),
            number("initializer_range", 0.02f),
            number("layer_norm_eps", 1e-12f),
            whole("pad_token_id", 0));
      } catch (IllegalArgumentException e) {
        throw new FileFormatException(file, snakeCase(e.getMessage()), e);
      }
    }

    private static String snakeCase(String message) {
      return CAMEL_CASE
          .matcher(message)
          .replaceAll(match -> match.group().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }

    private JsonNode take(String field) {
      JsonNode node = json.remove(field);
      return node == null || node.isNull() ? null : node;
    }

    private int size(String field) throws FileFormatException {
      if (!json.hasNonNull(field)) {
        throw new FileFormatException(
            file, field + " is missing; it must be a positive whole number.");
      }
      return whole(field, 0);
    }

    private int whole(String field, int defaultValue) throws FileFormatException {
      JsonNode node = take(field);
      if (node == null) {
        return defaultValue;
      }
      if (!node.isIntegralNumber() || !node.canConvertToInt()) {
        throw new FileFormatException(
            file, field + " must be a whole number, but is " + node + ".");
      }
      return node.intValue();
    }

    private float number(String field, float defaultValue) throws FileFormatException {
      JsonNode node = take(field);
      if (node == null) {
        return defaultValue;
      }
      if (!node.isNumber()) {
        throw new FileFormatException(file, field + " must be a number, but is " + node + ".");
      }
      return node.floatValue();
    }

    String text(String field, String defaultValue) throws FileFormatException {
      JsonNode node = take(field);
      if (node == null) {
        return defaultValue;
      }
      if (!node.isTextual()) {
        throw new FileFormatException(file, field + " must be a string, but is " + node + ".");
      }
      return node.textValue();
    }

    void requireText(String field, String only) throws FileFormatException {
      String value = text(field, only);
      if (!value.equals(only)) {
        throw new FileFormatException(
            file,
            field
                + " must be \""
                + only
                + "\", but is \""
                + value
                + "\": such a network is not supported.");
      }
    }

    void requireFalse(String field) throws FileFormatException {
      JsonNode node = json.get(field);
      if (node != null && !node.isNull() && !(node.isBoolean() && !node.booleanValue())) {
        throw new FileFormatException(
            file, field + " must be false, but is " + node + ": decoders are not supported.");
      }
    }

    List<String> architectures() throws FileFormatException {
      JsonNode node = take("architectures");
      List<String> names = new ArrayList<>();
      if (node != null) {
        for (Iterator<JsonNode> it = node.elements(); it.hasNext(); ) {
          names.add(it.next().asText());
        }
        if (!node.isArray()) {
          throw new FileFormatException(
              file, "architectures must be a list of class names, but is " + node + ".");
        }
      }
      return names;
    }

    Map<String, Object> rest() {
      return JsonTree.plainMembers(json);
    }
  }
}
