package org.electra4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerFilesTest {

  private static final List<String> TEXTS =
      List.of(
          "The chef ate the meal.",
          "Crème BRÛLÉE über alles, 東京 tower [MASK] is it? [mask]",
          "x".repeat(150) + " short",
          "don't e\u0301lan \u00a0 zero\u200bwidth");

  @TempDir Path directory;

  @BeforeAll
  static void stayOffline() {
    System.setProperty("ai.djl.offline", "true");
  }

  @ParameterizedTest
  @CsvSource({
    "true, , true, 100",
    "false, , true, 100",
    "true, false, true, 100",
    "false, true, false, 100",
    "true, , true, 200"
  })
  void theTokenizersLibraryGivesTheSameIds(
      boolean lowerCase, Boolean stripAccents, boolean chinese, int limit) throws IOException {
    Vocabulary vocabulary = Vocabulary.load(Path.of("../examples/data/vocab.txt"));
    TokenizerOptions options = new TokenizerOptions(lowerCase, stripAccents, chinese, limit);
    TokenizerFiles.write(directory, vocabulary, options, 512);

    WordPieceTokenizer ours = new WordPieceTokenizer(vocabulary, options);
    try (HuggingFaceTokenizer theirs =
        HuggingFaceTokenizer.newInstance(directory.resolve("tokenizer.json"), Map.of())) {
      for (String text : TEXTS) {
        long[] ids = theirs.encode(text, true, false).getIds();
        assertThat(ids).startsWith(vocabulary.clsId()).endsWith(vocabulary.sepId());
        assertThat(Arrays.copyOfRange(ids, 1, ids.length - 1))
            .isEqualTo(Arrays.stream(ours.encode(text).ids()).asLongStream().toArray());
      }
      assertThat(theirs.encode("a", "b", true, false).getTypeIds()).containsExactly(0, 0, 0, 1, 1);
    }
    assertThat(TokenizerFiles.readOptions(directory)).isEqualTo(options);
    assertThat(TokenizerFiles.readVocabulary(directory)).isEqualTo(vocabulary);
    Files.delete(directory.resolve("vocab.txt"));
    assertThat(TokenizerFiles.readVocabulary(directory)).isEqualTo(vocabulary);
    Files.delete(directory.resolve("tokenizer_config.json"));
    assertThat(TokenizerFiles.readOptions(directory)).isEqualTo(options);
  }

  @Test
  void theConfigurationGoesBeforeTheTokenizerFile() throws IOException {
    write("tokenizer_config.json", "{\"do_lower_case\":false,\"strip_accents\":null}");
    write(
        "tokenizer.json",
        "{\"normalizer\":{\"type\":\"BertNormalizer\",\"lowercase\":true,\"strip_accents\":true,"
            + "\"handle_chinese_chars\":false},\"model\":{\"max_input_chars_per_word\":50}}");

    assertThat(TokenizerFiles.readOptions(directory))
        .isEqualTo(new TokenizerOptions(false, null, false, 50));
  }

  @Test
  void withoutFilesTheModelIsUncased() throws IOException {
    assertThat(TokenizerFiles.readOptions(directory)).isEqualTo(TokenizerOptions.uncased());
  }

  @Test
  void aBadFileIsNamed() throws IOException {
    assertThatThrownBy(() -> TokenizerFiles.readVocabulary(directory))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(directory.toString());
    write("tokenizer_config.json", "{\"do_lower_case\":\"yes\"}");
    assertThatThrownBy(() -> TokenizerFiles.readOptions(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("tokenizer_config.json", "do_lower_case must be true or false");
    write("tokenizer.json", "{\"model\":{\"type\":\"BPE\",\"vocab\":{}}}");
    assertThatThrownBy(() -> TokenizerFiles.readVocabulary(directory))
        .hasMessageContaining("holds no WordPiece vocabulary");
    write("tokenizer.json", "{\"model\":{\"vocab\":{\"a\":0,\"b\":1}}}");
    assertThatThrownBy(() -> TokenizerFiles.readVocabulary(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("tokenizer.json", "[PAD]");
    write("tokenizer.json", "{\"model\":{\"vocab\":{\"a\":0,\"b\":0}}}");
    assertThatThrownBy(() -> TokenizerFiles.readVocabulary(directory))
        .hasMessageContaining("token \"b\" has the id 0; ids must be unique and in [0, 2)");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }
}
