package org.electra4j.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokenizer files of a Hugging Face model directory: {@code vocab.txt}, {@code
 * tokenizer_config.json}, {@code special_tokens_map.json} and {@code tokenizer.json}.
 *
 * <p>{@code AutoTokenizer} of transformers and the {@code tokenizers} library read what is written
 * here and give the same ids as {@link org.electra4j.text.WordPieceTokenizer}.
 */
public final class TokenizerFiles {

  /** File name of the vocabulary, one token a line. */
  public static final String VOCABULARY_FILE = "vocab.txt";

  /** File name of the options of the tokenizer. */
  public static final String CONFIG_FILE = "tokenizer_config.json";

  /** File name of the names of the special tokens. */
  public static final String SPECIAL_TOKENS_FILE = "special_tokens_map.json";

  /** File name of the whole tokenizer as the {@code tokenizers} library stores it. */
  public static final String TOKENIZER_FILE = "tokenizer.json";

  /** The word limit that transformers' BertTokenizer always has. */
  private static final int HUGGING_FACE_WORD_LIMIT = 100;

  private static final Map<String, String> SPECIAL_TOKENS =
      new TreeMap<>(
          Map.of(
              "cls_token", "[CLS]",
              "mask_token", "[MASK]",
              "pad_token", "[PAD]",
              "sep_token", "[SEP]",
              "unk_token", "[UNK]"));

  private static final Logger LOG = LoggerFactory.getLogger(TokenizerFiles.class);

  private TokenizerFiles() {}

  /**
   * Writes the four files into a directory.
   *
   * @param modelMaxLength longest sequence of the model, special tokens included
   */
  public static void write(
      Path directory, Vocabulary vocabulary, TokenizerOptions options, int modelMaxLength)
      throws IOException {
    vocabulary.save(directory.resolve(VOCABULARY_FILE));
    ObjectNode special = JsonFiles.MAPPER.createObjectNode();
    SPECIAL_TOKENS.forEach(special::put);
    JsonFiles.writeObject(directory.resolve(SPECIAL_TOKENS_FILE), special);
    JsonFiles.writeObject(directory.resolve(CONFIG_FILE), config(options, modelMaxLength));
    JsonFiles.writeObject(directory.resolve(TOKENIZER_FILE), tokenizer(vocabulary, options));
  }

  private static ObjectNode config(TokenizerOptions options, int modelMaxLength) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    SPECIAL_TOKENS.forEach(json::put);
    json.put("do_lower_case", options.lowerCase());
    json.put("strip_accents", options.stripAccents());
    json.put("tokenize_chinese_chars", options.tokenizeChineseChars());
    json.put("model_max_length", modelMaxLength);
    json.putArray("model_input_names").add("input_ids").add("token_type_ids").add("attention_mask");
    // BertTokenizer rebuilds itself with its own word limit; the generic class takes tokenizer.json
    // as it is.
    boolean usual = options.maxInputCharsPerWord() == HUGGING_FACE_WORD_LIMIT;
    json.put("tokenizer_class", usual ? "BertTokenizer" : "PreTrainedTokenizerFast");
    return json;
  }

  private static ObjectNode tokenizer(Vocabulary vocabulary, TokenizerOptions options) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id : specialIds(vocabulary)) {
      added
          .addObject()
          .put("id", id)
          .put("content", vocabulary.token(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    json.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", options.tokenizeChineseChars())
        .put("strip_accents", options.stripAccents())
        .put("lowercase", options.lowerCase());
    json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    json.set("post_processor", postProcessor(vocabulary));
    json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model =
        json.putObject("model")
            .put("type", "WordPiece")
            .put("unk_token", "[UNK]")
            .put("continuing_subword_prefix", "##")
            .put("max_input_chars_per_word", options.maxInputCharsPerWord());
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.put(vocabulary.token(id), id);
    }
    return json;
  }

  private static int[] specialIds(Vocabulary vocabulary) {
    return IntStream.of(
            vocabulary.padId(),
            vocabulary.unkId(),
            vocabulary.clsId(),
            vocabulary.sepId(),
            vocabulary.maskId())
        .sorted()
        .toArray();
  }

  /** Returns the template {@code [CLS] A [SEP]} and {@code [CLS] A [SEP] B [SEP]}, B of type 1. */
  private static ObjectNode postProcessor(Vocabulary vocabulary) {
    ObjectNode json = JsonFiles.MAPPER.createObjectNode().put("type", "TemplateProcessing");
    ArrayNode single = json.putArray("single");
    ArrayNode pair = json.putArray("pair");
    for (ArrayNode template : new ArrayNode[] {single, pair}) {
      templatePart(template, "SpecialToken", "[CLS]", 0);
      templatePart(template, "Sequence", "A", 0);
      templatePart(template, "SpecialToken", "[SEP]", 0);
    }
    templatePart(pair, "Sequence", "B", 1);
    templatePart(pair, "SpecialToken", "[SEP]", 1);
    ObjectNode special = json.putObject("special_tokens");
    for (int id : new int[] {vocabulary.clsId(), vocabulary.sepId()}) {
      String token = vocabulary.token(id);
      ObjectNode entry = special.putObject(token).put("id", token);
      entry.putArray("ids").add(id);
      entry.putArray("tokens").add(token);
    }
    return json;
  }

  private static void templatePart(ArrayNode template, String kind, String id, int type) {
    template.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  /**
   * Returns the vocabulary of a model directory: {@code vocab.txt}, or without it the one inside
   * {@code tokenizer.json}.
   *
   * @throws NoSuchFileException if there is neither file
   * @throws FileFormatException if {@code tokenizer.json} holds no valid WordPiece vocabulary
   * @throws IllegalArgumentException if {@code vocab.txt} is not a valid vocabulary
   */
  public static Vocabulary readVocabulary(Path directory) throws IOException {
    Path lines = directory.resolve(VOCABULARY_FILE);
    if (Files.exists(lines)) {
      return Vocabulary.load(lines);
    }
    Path file = directory.resolve(TOKENIZER_FILE);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          directory.toString(),
          null,
          "holds neither " + VOCABULARY_FILE + " nor " + TOKENIZER_FILE);
    }
    JsonNode model = JsonTree.read(file).path("model");
    JsonNode vocab = model.path("vocab");
    if (!model.path("type").asText("WordPiece").equals("WordPiece") || !vocab.isObject()) {
      throw new FileFormatException(file, "holds no WordPiece vocabulary.");
    }
    String[] tokens = new String[vocab.size()];
    for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
      int id = entry.getValue().isInt() ? entry.getValue().intValue() : -1;
      if (id < 0 || id >= tokens.length || tokens[id] != null) {
        throw new FileFormatException(
            file,
            "token \""
                + entry.getKey()
                + "\" has the id "
                + entry.getValue()
                + "; ids must be unique and in [0, "
                + tokens.length
                + ").");
      }
      tokens[id] = entry.getKey();
    }
    try {
      return Vocabulary.of(Arrays.asList(tokens));
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(file, e.getMessage(), e);
    }
  }

  /**
   * Returns the options of a model directory: those of {@code tokenizer_config.json}, what it
   * leaves open from {@code tokenizer.json}, and what both leave open as {@link
   * TokenizerOptions#uncased()} has it. If neither file says whether the model is cased, that is
   * logged.
   *
   * @throws FileFormatException if an option has a wrong type; names the file and the option
   */
  public static TokenizerOptions readOptions(Path directory) throws IOException {
    TokenizerOptions options = TokenizerOptions.uncased();
    boolean known = false;
    Path tokenizer = directory.resolve(TOKENIZER_FILE);
    if (Files.exists(tokenizer)) {
      ObjectNode json = JsonTree.readWithout(tokenizer, "vocab");
      JsonNode model = json.path("model").path("max_input_chars_per_word");
      if (model.canConvertToInt() && model.intValue() > 0) {
        options = options.withMaxInputCharsPerWord(model.intValue());
      }
      if (json.path("normalizer").path("type").asText().equals("BertNormalizer")) {
        options =
            read(tokenizer, json.get("normalizer"), options, "lowercase", "handle_chinese_chars");
        known = json.get("normalizer").hasNonNull("lowercase");
      }
    }
    Path config = directory.resolve(CONFIG_FILE);
    if (Files.exists(config)) {
      ObjectNode json = JsonTree.read(config);
      options = read(config, json, options, "do_lower_case", "tokenize_chinese_chars");
      known |= json.hasNonNull("do_lower_case");
    }
    if (!known) {
      LOG.info("{} does not say whether the model is cased; taking it as uncased.", directory);
    }
    return options;
  }

  private static TokenizerOptions read(
      Path file, JsonNode json, TokenizerOptions options, String lowerCase, String chinese)
      throws FileFormatException {
    TokenizerOptions read =
        options
            .withLowerCase(flag(file, json, lowerCase, options.lowerCase()))
            .withTokenizeChineseChars(flag(file, json, chinese, options.tokenizeChineseChars()));
    return json.has("strip_accents")
        ? read.withStripAccents(flag(file, json, "strip_accents", null))
        : read;
  }

  private static Boolean flag(Path file, JsonNode json, String field, Boolean absent)
      throws FileFormatException {
    JsonNode node = json.get(field);
    if (node == null || node.isNull()) {
      return absent;
    }
    if (!node.isBoolean()) {
      throw new FileFormatException(file, field + " must be true or false, but is " + node + ".");
    }
    return node.booleanValue();
  }
}
