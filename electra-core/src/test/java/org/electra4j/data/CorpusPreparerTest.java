package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorpusPreparerTest {
  private static final List<String> DATA_FILES =
      List.of(
          TokenizedCorpus.TOKENS,
          TokenizedCorpus.SENTENCES,
          TokenizedCorpus.DOCUMENTS,
          TokenizedCorpus.PROPERTIES);

  @TempDir Path temp;

  private String prepared(String text) throws Exception {
    Path file = Corpora.write(temp.resolve("in/text"), text);
    try (TokenizedCorpus corpus =
        Corpora.preparer().build().prepare(List.of(file), temp.resolve("out"))) {
      return Corpora.show(corpus);
    }
  }

  @Test
  void blankLinesEndDocumentsAndLinesAreSentences() throws Exception {
    assertThat(prepared("w1 w2\nw3\n\nw4\n")).isEqualTo("w1 w2 | w3 || w4");
  }

  @Test
  void emptyDocumentsAreNone() throws Exception {
    assertThat(prepared("\n\n  \n\t\u00a0\u3000\nw1\n\n\n \n\nw2\n\n\n")).isEqualTo("w1 || w2");
  }

  @Test
  void aLineWithoutTokensIsNeitherSentenceNorBlank() throws Exception {
    assertThat(prepared("w1\n\u200b\u0007\nw2\n")).isEqualTo("w1 | w2");
  }

  @Test
  void lineEndsOfWindowsAndMissingLastLineEnd() throws Exception {
    assertThat(prepared("w1 w2\r\nw3\r\n\r\nw4 w5")).isEqualTo("w1 w2 | w3 || w4 w5");
  }

  @Test
  void byteOrderMarkIsNoText() throws Exception {
    assertThat(prepared("\ufeffw1\nw2")).isEqualTo("w1 | w2");
    assertThat(prepared("\ufeff\nw1")).isEqualTo("w1");
  }

  @Test
  void aReplacementCharacterInTheTextIsNoError() throws Exception {
    assertThat(prepared("w1 \ufffd w2")).isEqualTo("w1 w2");
  }

  @Test
  void blanksMayBePassedOver() throws Exception {
    Path first = Corpora.write(temp.resolve("in/a.txt"), "w1\n\nw2");
    Corpora.write(temp.resolve("in/b.txt"), "w3\n\n");
    try (TokenizedCorpus corpus =
        Corpora.preparer()
            .blanksSeparateDocs(false)
            .build()
            .prepare(List.of(first.getParent()), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 | w2 || w3");
    }
  }

  @Test
  void foldersAreWalkedInOrderOfPath() throws Exception {
    Path in = temp.resolve("in");
    Corpora.write(in.resolve("b.txt"), "w2");
    Corpora.write(in.resolve("a/z.TXT"), "w1");
    Corpora.writeGzip(in.resolve("c/deep/er/x.txt.gz"), "w3\n\nw4");
    Corpora.write(in.resolve("d/notes.md"), "w100");
    Corpora.write(in.resolve("d/.hidden.txt"), "w101");
    Path named = Corpora.write(temp.resolve("named.md"), "w9");
    try (TokenizedCorpus corpus =
        Corpora.preparer()
            .build()
            .prepare(List.of(named, in, in.resolve("b.txt")), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w9 || w1 || w2 || w3 || w4");
    }
    assertThat(Files.readAllLines(temp.resolve("out").resolve(TokenizedCorpus.INPUTS)))
        .hasSize(4)
        .first()
        .asString()
        .startsWith("2\t")
        .endsWith(named.toAbsolutePath().toString());
  }

  @Test
  void gzipIsKnownByItsBytesAndMayHaveMembers() throws Exception {
    Path file = Corpora.writeGzip(temp.resolve("in/plain-name"), "w1\nw", "2\n\nw3\n");
    try (TokenizedCorpus corpus =
        Corpora.preparer().build().prepare(List.of(file), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 | w2 || w3");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "w", "w1", "\n"})
  void filesShorterThanAByteOrderMark(String text) throws Exception {
    Path tiny = Corpora.write(temp.resolve("in/a.txt"), text);
    Path other = Corpora.write(temp.resolve("in/b.txt"), "w7");
    try (TokenizedCorpus corpus =
        Corpora.preparer().build().prepare(List.of(tiny, other), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).endsWith("w7");
      assertThat(corpus.documents()).isEqualTo(text.isBlank() ? 1 : 2);
    }
  }

  @Test
  void bytesAreEqualForAnyNumberOfThreads() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 3; i++) {
      String text = String.join("\n", Corpora.lines(random, 6000, 10, 20));
      Corpora.write(temp.resolve("in/" + i + ".txt"), text);
    }
    Corpora.writeGzip(
        temp.resolve("in/3.txt.gz"), String.join("\n", Corpora.lines(random, 3000, 10, 20)));
    for (int threads = 1; threads <= 3; threads++) {
      Corpora.preparer()
          .threads(threads)
          .build()
          .prepare(List.of(temp.resolve("in")), temp.resolve("out" + threads))
          .close();
    }
    for (String name : DATA_FILES) {
      byte[] expected = Files.readAllBytes(temp.resolve("out1").resolve(name));
      assertThat(temp.resolve("out2").resolve(name)).hasBinaryContent(expected);
      assertThat(temp.resolve("out3").resolve(name)).hasBinaryContent(expected);
    }
    assertThat(Files.size(temp.resolve("out1/tokens.bin"))).isGreaterThan(2_000_000);
  }

  @Test
  void contentSurvivesTheChunks() throws Exception {
    List<String> lines = Corpora.lines(new Random(2), 20_000, 4, 12);
    Path file = Corpora.write(temp.resolve("in.txt"), String.join("\n", lines));
    assertThat(Files.size(file)).isGreaterThan(1 << 20);
    try (TokenizedCorpus corpus =
        Corpora.preparer().build().prepare(List.of(file), temp.resolve("out"))) {
      String expected =
          String.join(" | ", lines)
              .replaceAll("( \\|  \\| | \\| $)", " || ")
              .replaceAll(" \\|\\| $", "");
      assertThat(Corpora.show(corpus)).isEqualTo(expected);
    }
  }

  @Test
  void aVeryLongLineIsOneSentence() throws Exception {
    String line = Corpora.sentence(new Random(3), 2_100_000);
    assertThat(line.length()).isGreaterThan(10_000_000);
    Path file = Corpora.write(temp.resolve("in.txt"), "w1\n" + line + "\nw2");
    try (TokenizedCorpus corpus =
        Corpora.preparer().build().prepare(List.of(file), temp.resolve("out"))) {
      assertThat(corpus.sentences()).isEqualTo(3);
      assertThat(corpus.tokens()).isEqualTo(2_100_002);
      int[] end = Corpora.tokens(corpus, corpus.tokens() - 1, corpus.tokens());
      assertThat(end).containsExactly(Corpora.FIRST_WORD + 2);
    }
  }

  @Test
  void linesFromMemoryEqualTheFile() throws Exception {
    List<String> lines = Corpora.lines(new Random(4), 20_000, 4, 12);
    Path file = Corpora.write(temp.resolve("in.txt"), String.join("\n", lines));
    CorpusPreparer preparer = Corpora.preparer().build();
    preparer.prepare(List.of(file), temp.resolve("fromFile")).close();
    Stream<String> stream = lines.stream();
    preparer.prepareLines(stream::iterator, temp.resolve("fromLines")).close();
    for (String name : DATA_FILES.subList(0, 3)) {
      assertThat(temp.resolve("fromLines").resolve(name))
          .hasBinaryContent(Files.readAllBytes(temp.resolve("fromFile").resolve(name)));
    }
  }

  @Test
  void aStringOfSeveralLinesCountsAsThem() {
    try (TokenizedCorpus corpus =
        Corpora.prepareLines(List.of("w1\nw2\n\nw3", "w4", "", "w5"), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 | w2 || w3 | w4 || w5");
    }
  }

  @ParameterizedTest
  @CsvSource({"65531, 2", "65532, 4"})
  void idsTakeTwoBytesUpTo65536Entries(int words, int bytes) throws Exception {
    Vocabulary vocabulary = Corpora.vocabulary(words);
    List<String> lines = List.of("w0 w" + (words - 1) + " w40000");
    try (TokenizedCorpus corpus =
        CorpusPreparer.builder(vocabulary, TokenizerOptions.uncased())
            .build()
            .prepareLines(lines, temp.resolve("out"))) {
      assertThat(Corpora.show(corpus, vocabulary)).isEqualTo(lines.get(0));
      assertThat(Files.size(temp.resolve("out/tokens.bin"))).isEqualTo(3L * bytes);
    }
  }

  @Test
  void metadataKnowsVocabularyAndTokenizer() throws Exception {
    TokenizerOptions options =
        TokenizerOptions.cased().withStripAccents(true).withMaxInputCharsPerWord(200);
    try (TokenizedCorpus corpus =
        CorpusPreparer.builder(Corpora.VOCABULARY, options)
            .build()
            .prepareLines(List.of("w1 W1"), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 [UNK]");
      assertThat(corpus.tokenizerOptions()).isEqualTo(options);
      assertThat(corpus.vocabularySize()).isEqualTo(1005);
      assertThat(corpus.clsId()).isEqualTo(2);
      assertThat(corpus.sepId()).isEqualTo(3);
    }
  }

  @Test
  void unchangedInputsAreUsedAgainAndChangedOnesAreNot() throws Exception {
    Path file = Corpora.write(temp.resolve("in.txt"), "w1 w2\n");
    Path out = temp.resolve("out");
    Path tokens = out.resolve(TokenizedCorpus.TOKENS);
    CorpusPreparer preparer = Corpora.preparer().build();
    preparer.prepare(List.of(file), out).close();
    FileTime written = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(tokens, written);

    preparer.prepare(List.of(file), out).close();
    assertThat(Files.getLastModifiedTime(tokens)).isEqualTo(written);

    Corpora.preparer().lenient(true).build().prepare(List.of(file), out).close();
    assertThat(Files.getLastModifiedTime(tokens)).isNotEqualTo(written);

    Corpora.write(file, "w1 w3\n");
    Files.setLastModifiedTime(file, FileTime.fromMillis(2_000_000));
    try (TokenizedCorpus corpus = preparer.prepare(List.of(file), out)) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 w3");
    }
    assertThat(temp.toFile().list()).containsExactlyInAnyOrder("in.txt", "out");
  }

  @Test
  void aCorpusPreparedBelowItsTextIsNoTextItself() throws Exception {
    Path in = temp.resolve("in");
    Corpora.write(in.resolve("a.txt"), "w1 w2\n");
    CorpusPreparer preparer = Corpora.preparer().build();
    preparer.prepare(List.of(in), in.resolve("prepared")).close();
    try (TokenizedCorpus corpus = preparer.prepare(List.of(in), temp.resolve("out"))) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 w2");
    }
  }

  @Test
  void aDamagedPreparedCorpusIsPreparedAgain() throws Exception {
    Path file = Corpora.write(temp.resolve("in.txt"), "w1 w2\n");
    Path out = temp.resolve("out");
    CorpusPreparer preparer = Corpora.preparer().build();
    preparer.prepare(List.of(file), out).close();
    Files.write(out.resolve(TokenizedCorpus.TOKENS), new byte[1]);
    try (TokenizedCorpus corpus = preparer.prepare(List.of(file), out)) {
      assertThat(Corpora.show(corpus)).isEqualTo("w1 w2");
    }
  }

  @Test
  void progressRisesToTheTotal() throws Exception {
    Path plain = Corpora.write(temp.resolve("a.txt"), "w1 w2 w3\n".repeat(400_000));
    Path gzip = Corpora.writeGzip(temp.resolve("b.txt.gz"), "w1 w2 w3\n".repeat(1000));
    List<Long> done = new ArrayList<>();
    long total = Files.size(plain) + Files.size(gzip);
    Corpora.preparer()
        .progress(
            (now, all) -> {
              assertThat(all).isEqualTo(total);
              done.add(now);
            })
        .build()
        .prepare(List.of(plain, gzip), temp.resolve("out"))
        .close();
    assertThat(done).hasSizeGreaterThan(3).isSorted().last().isEqualTo(total);
  }

  @Test
  void interruptEndsThePreparationAndLeavesNothing() throws IOException {
    Iterator<String> endless =
        new Iterator<>() {
          private int count;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            if (++count == 500_000) {
              Thread.currentThread().interrupt();
            }
            return "w1 w2";
          }
        };
    assertThatThrownBy(
            () -> Corpora.preparer().build().prepareLines(() -> endless, temp.resolve("out")))
        .isInstanceOf(InterruptedException.class);
    assertThat(temp).isEmptyDirectory();
  }
}
