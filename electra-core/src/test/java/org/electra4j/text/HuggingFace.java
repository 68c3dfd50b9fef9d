package org.electra4j.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hugging Face's own tokenizer, set up as BertTokenizerFast is: the oracle of the text tests. */
final class HuggingFace implements AutoCloseable {
  static final Path VOCABULARY = Path.of("../examples/data/vocab.txt");

  private final HuggingFaceTokenizer tokenizer;

  HuggingFace(Vocabulary vocabulary, TokenizerOptions options) throws IOException {
    System.setProperty("ai.djl.offline", "true");
    Map<String, String> settings = new HashMap<>();
    settings.put("padding", "false");
    settings.put("truncation", "false");
    settings.put("addSpecialTokens", "false");
    byte[] json = new ObjectMapper().writeValueAsBytes(definition(vocabulary, options));
    this.tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), settings);
  }

  record Tokens(List<Long> ids, List<String> tokens, List<Integer> starts, List<Integer> ends) {}

  Tokens encode(String text) {
    return toTokens(tokenizer.encode(text), text);
  }

  List<Tokens> encode(List<String> texts) {
    List<Tokens> all = new ArrayList<>();
    ai.djl.huggingface.tokenizers.Encoding[] encodings = tokenizer.batchEncode(texts);
    for (int i = 0; i < encodings.length; i++) {
      all.add(toTokens(encodings[i], texts.get(i)));
    }
    return all;
  }

  String decode(int[] ids, boolean skipSpecialTokens) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
  }

  /** Hugging Face counts offsets in code points; ours are UTF-16 indices. */
  private static Tokens toTokens(ai.djl.huggingface.tokenizers.Encoding encoding, String text) {
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (CharSpan span : encoding.getCharTokenSpans()) {
      starts.add(text.offsetByCodePoints(0, span.getStart()));
      ends.add(text.offsetByCodePoints(0, span.getEnd()));
    }
    List<Long> ids = Arrays.stream(encoding.getIds()).boxed().toList();
    return new Tokens(ids, List.of(encoding.getTokens()), starts, ends);
  }

  static Tokens ours(Encoding encoding) {
    return new Tokens(
        Arrays.stream(encoding.ids()).asLongStream().boxed().toList(),
        List.copyOf(encoding.tokens()),
        Arrays.stream(encoding.starts()).boxed().toList(),
        Arrays.stream(encoding.ends()).boxed().toList());
  }

  /** The published vocabulary and every character of some texts, so that nothing hides in [UNK]. */
  static Vocabulary vocabularyFor(List<String> texts) throws IOException {
    Set<String> tokens = new LinkedHashSet<>(Vocabulary.load(VOCABULARY).tokens());
    for (String text : texts) {
      text.codePoints()
          .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
          .filter(c -> c != '\n')
          .mapToObj(Character::toString)
          .forEach(c -> tokens.addAll(List.of(c, "##" + c)));
    }
    return Vocabulary.of(new ArrayList<>(tokens));
  }

  private static ObjectNode definition(Vocabulary vocabulary, TokenizerOptions options) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding").putNull("post_processor");
    ArrayNode added = root.putArray("added_tokens");
    for (String token : Vocabulary.SPECIAL_TOKENS) {
      ObjectNode entry = added.addObject().put("id", vocabulary.id(token)).put("content", token);
      entry.put("single_word", false).put("lstrip", false).put("rstrip", false);
      entry.put("normalized", false).put("special", true);
    }
    ObjectNode normalizer = root.putObject("normalizer").put("type", "BertNormalizer");
    normalizer.put("clean_text", true);
    normalizer.put("handle_chinese_chars", options.tokenizeChineseChars());
    normalizer.put("strip_accents", options.stripAccents()).put("lowercase", options.lowerCase());
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = root.putObject("model").put("type", "WordPiece");
    model.put("unk_token", Vocabulary.UNK).put("continuing_subword_prefix", "##");
    model.put("max_input_chars_per_word", options.maxInputCharsPerWord());
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      vocab.put(vocabulary.token(id), id);
    }
    return root;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
