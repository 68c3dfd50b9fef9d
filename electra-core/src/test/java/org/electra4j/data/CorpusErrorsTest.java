package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.electra4j.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusErrorsTest {
  @TempDir Path temp;

  private TokenizedCorpus prepare(Path... inputs) throws IOException, InterruptedException {
    return Corpora.preparer().build().prepare(List.of(inputs), temp.resolve("out"));
  }

  @Test
  void missingPath() {
    assertThatThrownBy(() -> prepare(temp.resolve("nowhere.txt")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("nowhere.txt")
        .hasMessageContaining("does not exist");
  }

  @Test
  void noInputs() {
    assertThatThrownBy(this::prepare)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
  }

  @Test
  void folderWithoutTexts() throws IOException {
    Path in = Corpora.write(temp.resolve("in/readme.md"), "w1").getParent();
    assertThatThrownBy(() -> prepare(in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("No text files in " + in)
        .hasMessageContaining("*.txt.gz");
  }

  @Test
  void aPreparedCorpusIsNoText() {
    Path prepared = temp.resolve("prepared");
    Corpora.prepareLines(List.of("w1"), prepared).close();
    assertThatThrownBy(() -> prepare(prepared))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(prepared + " is a prepared corpus");
  }

  @Test
  void emptyCorpus() throws IOException {
    Path file = Corpora.write(temp.resolve("in.txt"), "\n \n\u200b\n");
    assertThatThrownBy(() -> prepare(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no tokens in " + file)
        .hasMessageContaining("7 bytes");
    assertThatThrownBy(() -> Corpora.prepareLines(List.of(), temp.resolve("out")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no tokens in the given lines");
    assertThat(temp.toFile().list()).containsExactly("in.txt");
  }

  @Test
  void aByteThatIsNotUtf8NamesFileAndLine() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("w1 w2 w3\n".repeat(300_000).getBytes(StandardCharsets.UTF_8));
    bytes.write("w4 é ".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xE9);
    bytes.write(" w5\nw6\n".getBytes(StandardCharsets.UTF_8));
    bytes.write("w1 w2 w3\n".repeat(300_000).getBytes(StandardCharsets.UTF_8));
    bytes.write(0xFF);
    Path file = Files.write(temp.resolve("in.txt"), bytes.toByteArray());
    assertThatThrownBy(() -> prepare(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file + ", line 300001: byte 7 of the line (0xE9)")
        .hasMessageContaining("lenient");
    try (TokenizedCorpus corpus =
        Corpora.preparer().lenient(true).build().prepare(List.of(file), temp.resolve("out"))) {
      assertThat(corpus.sentences()).isEqualTo(600_002);
    }
  }

  @Test
  void overlongSurrogateAndCutOffSequencesAreNotUtf8() throws IOException {
    for (int[] bad : new int[][] {{0xC0, 0x80}, {0xED, 0xA0, 0x80}, {0xE2, 0x82}, {0xF5}}) {
      byte[] bytes = new byte[bad.length + 3];
      bytes[0] = 'w';
      bytes[1] = '1';
      bytes[2] = '\n';
      for (int i = 0; i < bad.length; i++) {
        bytes[3 + i] = (byte) bad[i];
      }
      Path file = Files.write(temp.resolve("in.txt"), bytes);
      assertThatThrownBy(() -> prepare(file)).hasMessageContaining("line 2: byte 1 of the line");
    }
  }

  @Test
  void theFirstErrorInOrderOfTextIsReported() throws IOException {
    Path bad = Files.write(temp.resolve("a.txt"), new byte[] {'w', '1', '\n', (byte) 0xFF});
    Path cutOff = temp.resolve("b.txt.gz");
    Files.write(cutOff, new byte[] {0x1F, (byte) 0x8B, 8});
    assertThatThrownBy(() -> prepare(bad, cutOff)).hasMessageContaining("a.txt, line 2");
    assertThatThrownBy(() -> prepare(cutOff, bad)).hasMessageContaining("b.txt.gz");
  }

  @Test
  void damagedGzip() throws IOException {
    Path whole = Corpora.writeGzip(temp.resolve("whole.gz"), "w1 w2 w3 w4\n".repeat(100));
    byte[] bytes = Files.readAllBytes(whole);
    Path cutOff = Files.write(temp.resolve("cut.txt.gz"), Arrays.copyOf(bytes, bytes.length - 20));
    assertThatThrownBy(() -> prepare(cutOff))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(cutOff + " is a damaged or cut off gzip file");
    bytes[12] ^= 0x55;
    Path corrupt = Files.write(temp.resolve("corrupt.txt.gz"), bytes);
    assertThatThrownBy(() -> prepare(corrupt))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(corrupt + " is a damaged or cut off gzip file");
  }

  @Test
  void theOutputMayNotBeAFileNorHoldOtherThings() throws IOException {
    Path in = Corpora.write(temp.resolve("in.txt"), "w1");
    Path out = Corpora.write(temp.resolve("out/thesis.txt"), "precious");
    assertThatThrownBy(() -> prepare(in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds thesis.txt");
    assertThat(out).hasContent("precious");
    assertThatThrownBy(() -> Corpora.preparer().build().prepare(List.of(in), in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("in.txt is a file");
    assertThatThrownBy(
            () -> Corpora.preparer().build().prepare(List.of(in), in.resolve("below/it")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in.txt is a file");
  }

  @Test
  void fullDisk() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).as("/dev/full, the device that is always full").exists();
    Files.createSymbolicLink(temp.resolve(TokenizedCorpus.TOKENS), full);
    try (CorpusWriter writer = new CorpusWriter(temp, 1005)) {
      int[] ids = new int[1 << 20];
      assertThatThrownBy(
              () -> writer.write(new ChunkEncoder.Encoded(ids, ids.length, new int[0], 1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Cannot write " + temp.resolve(TokenizedCorpus.TOKENS))
          .hasMessageContaining("No space left")
          .hasMessageContaining("Free space");
    }
  }

  @Test
  void aFailureKeepsTheOldCorpus() throws Exception {
    Path file = Corpora.write(temp.resolve("in.txt"), "w1 w2");
    prepare(file).close();
    Files.write(file, new byte[] {(byte) 0xFF});
    assertThatThrownBy(() -> prepare(file)).hasMessageContaining("line 1");
    try (TokenizedCorpus old = TokenizedCorpus.open(temp.resolve("out"))) {
      assertThat(Corpora.show(old)).isEqualTo("w1 w2");
    }
    assertThat(temp.toFile().list()).containsExactlyInAnyOrder("in.txt", "out");
  }

  @Test
  void otherVocabulary() throws Exception {
    Path out = temp.resolve("out");
    Corpora.prepareLines(List.of("w1"), out).close();
    TokenizedCorpus.open(out, Corpora.VOCABULARY).close();
    Vocabulary other = Corpora.vocabulary(999);
    assertThatThrownBy(() -> TokenizedCorpus.open(out, other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(out + " was prepared with another vocabulary (1005 entries")
        .hasMessageContaining("(1004 entries");
  }

  @Test
  void notAPreparedCorpus() {
    assertThat(TokenizedCorpus.isPrepared(temp)).isFalse();
    assertThatThrownBy(() -> TokenizedCorpus.open(temp))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("not a prepared corpus");
  }

  @Test
  void truncatedAndMissingFiles() throws Exception {
    Path out = temp.resolve("out");
    for (String name :
        List.of(TokenizedCorpus.TOKENS, TokenizedCorpus.SENTENCES, TokenizedCorpus.DOCUMENTS)) {
      Corpora.prepareLines(List.of("w1 w2", "", "w3"), out).close();
      Path file = out.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
      assertThatThrownBy(() -> TokenizedCorpus.open(out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(file + " is damaged")
          .hasMessageContaining(Integer.toString(bytes.length));
      Files.delete(file);
      assertThatThrownBy(() -> TokenizedCorpus.open(out))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(file + " is missing");
    }
  }

  @Test
  void damagedMetadata() throws Exception {
    Path out = temp.resolve("out");
    Corpora.prepareLines(List.of("w1 w2", "", "w3"), out).close();
    Path file = out.resolve(TokenizedCorpus.PROPERTIES);
    String good = Files.readString(file);
    Files.writeString(file, good.replace("format=1", "format=99"));
    assertThatThrownBy(() -> TokenizedCorpus.open(out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has format 99, this version reads 1");
    Files.writeString(file, good.replace("\ntokens=3", "\ntokens=three"));
    assertThatThrownBy(() -> TokenizedCorpus.open(out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tokens is not a number but \"three\"");
    Files.writeString(file, good.replace("\ntokens=3", ""));
    assertThatThrownBy(() -> TokenizedCorpus.open(out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no entry tokens");
  }

  @Test
  void readingOutsideOrAfterClose() {
    TokenizedCorpus corpus = Corpora.prepareLines(List.of("w1 w2"), temp.resolve("out"));
    int[] ids = new int[4];
    assertThatThrownBy(() -> corpus.copyTokens(1, ids, 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("[1, 3) is outside");
    assertThatThrownBy(() -> corpus.copyTokens(-1, ids, 0, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    corpus.close();
    assertThatThrownBy(() -> corpus.copyTokens(0, ids, 0, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anInterruptedThreadOpensACorpusAndStaysInterrupted() throws Exception {
    Path out = temp.resolve("out");
    Corpora.prepareLines(List.of("w1 w2"), out).close();
    Thread.currentThread().interrupt();
    try (TokenizedCorpus corpus = TokenizedCorpus.open(out)) {
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Corpora.show(corpus)).isEqualTo("w1 w2");
    }
  }

  @Test
  void preparerOptions() {
    assertThatThrownBy(() -> Corpora.preparer().threads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("threads must be at least 1");
  }
}
