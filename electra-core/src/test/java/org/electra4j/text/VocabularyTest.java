package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {
  private static final String SPECIAL = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

  @TempDir Path folder;

  @Test
  void publishedVocabulary() throws IOException {
    Vocabulary vocabulary = Vocabulary.load(HuggingFace.VOCABULARY);
    assertThat(vocabulary.size()).isEqualTo(30_522);
    assertThat(vocabulary.padId()).isZero();
    assertThat(vocabulary.unkId()).isEqualTo(100);
    assertThat(vocabulary.clsId()).isEqualTo(101);
    assertThat(vocabulary.sepId()).isEqualTo(102);
    assertThat(vocabulary.maskId()).isEqualTo(103);
    assertThat(vocabulary.id("the")).isEqualTo(1996);
    assertThat(vocabulary.token(1996)).isEqualTo("the");
    assertThat(vocabulary.id("no such token")).isEqualTo(-1);
    assertThat(vocabulary.isSpecial(103)).isTrue();
    assertThat(vocabulary.isSpecial(1996)).isFalse();
    assertThatThrownBy(() -> vocabulary.token(30_522))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Token id 30522 is not in the vocabulary of 30522 tokens.");
  }

  @Test
  void savedVocabularyLoadsAsItWas() throws IOException {
    Vocabulary vocabulary = Vocabulary.load(HuggingFace.VOCABULARY);
    Path copy = folder.resolve("vocab.txt");
    vocabulary.save(copy);
    assertThat(copy).hasSameBinaryContentAs(HuggingFace.VOCABULARY);
    assertThat(Vocabulary.load(copy)).isEqualTo(vocabulary).hasSameHashCodeAs(vocabulary);
  }

  @Test
  void windowsLineEndsAndOddTokens() throws IOException {
    Vocabulary vocabulary = load(SPECIAL.replace("\n", "\r\n") + "\u2028\r\n \r\n\u0085");
    assertThat(vocabulary.tokens()).endsWith("\u2028", " ", "\u0085").hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
  void missingSpecialToken(String token) {
    assertThatThrownBy(() -> load(SPECIAL.replace(token + "\n", "the\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.resolve("vocab.txt") + " has no " + token);
  }

  @Test
  void duplicateLines() {
    assertThatThrownBy(() -> load(SPECIAL + "the\nof\nthe\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocab.txt")
        .hasMessageContaining("\"the\" is on line 6 and again on line 8");
  }

  @Test
  void emptyFileAndEmptyLine() {
    assertThatThrownBy(() -> load("")).hasMessageContaining("vocab.txt is empty");
    assertThatThrownBy(() -> load(SPECIAL + "the\n\nof\n")).hasMessageContaining("line 7: empty");
  }

  @Test
  void badEncoding() throws IOException {
    byte[] bytes = (SPECIAL + "caf?\nthe\n").getBytes(StandardCharsets.ISO_8859_1);
    bytes[SPECIAL.length() + 3] = (byte) 0xE9;
    Path file = Files.write(folder.resolve("vocab.txt"), bytes);
    assertThatThrownBy(() -> Vocabulary.load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file + ", line 6: not valid UTF-8");
    assertThatThrownBy(() -> load("\uFEFF" + SPECIAL)).hasMessageContaining("byte order mark");
    assertThatThrownBy(() -> Vocabulary.of(List.of("[PAD]", "a\ud800")))
        .hasMessageContaining("line 2");
  }

  @Test
  void missingFileAndFolder() {
    Path missing = folder.resolve("none.txt");
    assertThatThrownBy(() -> Vocabulary.load(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(missing + ": the vocabulary file does not exist");
    assertThatThrownBy(() -> Vocabulary.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder + " is a folder");
  }

  private Vocabulary load(String text) throws IOException {
    return Vocabulary.load(Files.writeString(folder.resolve("vocab.txt"), text));
  }
}
