package org.electra4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.electra4j.text.WordPieceTrainer.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPieceTrainerTest {
  private static final Path GOLDEN = Path.of("src/test/resources/org/electra4j/text");
  private static final Path TEXT = GOLDEN.resolve("moby-dick.txt");

  @TempDir Path folder;

  /** The golden file is Hugging Face's, written by make_trainer_golden.py. */
  @Test
  void learnsHuggingFacesVocabulary() throws Exception {
    Vocabulary expected = Vocabulary.load(GOLDEN.resolve("moby-dick-vocab.txt"));
    Vocabulary learnt = trainer(4000).build().train(List.of(TEXT));
    assertThat(learnt.tokens()).isEqualTo(expected.tokens());
  }

  @Test
  void sameForAnyThreadCountAndSource() throws Exception {
    Vocabulary one = trainer(2000).threads(1).build().train(List.of(TEXT));
    Vocabulary many = trainer(2000).threads(5).build().train(Files.readAllLines(TEXT).iterator());
    Path gzip = folder.resolve("text.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      Files.copy(TEXT, out);
    }
    assertThat(many).isEqualTo(one);
    assertThat(trainer(2000).build().train(List.of(gzip))).isEqualTo(one);
  }

  /** Sennrich's example by hand: counts e+s 9, es+t 9, l+o 7, lo+w 7, then n+e and the rest 6. */
  @Test
  void mergesByCountThenByIds() throws Exception {
    String text = "low ".repeat(5) + "lower ".repeat(2) + "newest ".repeat(6) + "widest ".repeat(3);
    Vocabulary learnt = trainer(31).build().train(List.of(text).iterator());
    assertThat(learnt.tokens())
        .startsWith("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "d", "e", "i", "l", "n", "o")
        .contains("##es", "##est", "lo", "low", "newest")
        .containsSubsequence("##w", "##es", "##est", "lo", "low", "ne")
        .doesNotContain("##l", "##n", "w##");
  }

  @Test
  void minFrequencyStopsTheMerges() throws Exception {
    Vocabulary learnt =
        trainer(100).minFrequency(3).build().train(List.of("ab ab ab cd cd").iterator());
    assertThat(learnt.tokens()).contains("ab").doesNotContain("cd").hasSize(5 + 4 + 2 + 1);
  }

  @Test
  void alphabetIsLimitedAndExtended() throws Exception {
    Vocabulary learnt =
        trainer(100)
            .limitAlphabet(3)
            .initialAlphabet(List.of((int) 'z'))
            .build()
            .train(List.of("aaa bb bb c d").iterator());
    assertThat(learnt.tokens()).contains("a", "b", "z").doesNotContain("c", "d");
  }

  @Test
  void textIsNormalisedByTheOptions() throws Exception {
    List<String> text = List.of("Été été [MASK] 中文");
    assertThat(trainer(60).build().train(text.iterator()).tokens())
        .contains("e", "##t", "中", "[")
        .doesNotContain("É", "é", "##文");
    assertThat(
            trainer(60).options(TokenizerOptions.cased()).build().train(text.iterator()).tokens())
        .contains("É", "é", "##é");
  }

  @Test
  void wordsOverTheLimitAreLeftOut() throws Exception {
    Vocabulary learnt = trainer(100).build().train(List.of("x".repeat(101) + " ab").iterator());
    assertThat(learnt.tokens()).contains("a").doesNotContain("x");
  }

  @Test
  void rareWordsAreDroppedBeyondTheLimit() throws Exception {
    List<String> texts = List.of("once", "twice twice", "often often often often");
    assertThat(trainer(100).maxDistinctWords(1).build().train(texts.iterator()).tokens())
        .contains("often")
        .doesNotContain("twice", "w");
  }

  @Test
  void tellsItsProgress() throws Exception {
    List<String> seen = new ArrayList<>();
    trainer(2000)
        .progress((stage, done, total) -> seen.add(stage + " " + done + "/" + total))
        .build()
        .train(List.of(TEXT));
    long bytes = Files.size(TEXT);
    assertThat(seen)
        .startsWith(Stage.COUNTING + " 0/" + bytes)
        .contains(Stage.COUNTING + " " + bytes + "/" + bytes)
        .contains(Stage.MERGING + " 1000/2000")
        .endsWith(Stage.MERGING + " 2000/2000");
  }

  @Test
  void stopsWhenInterrupted() throws Exception {
    Iterator<String> endless = Stream.generate(() -> "text without an end").iterator();
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                trainer(100).build().train(endless);
              } catch (Throwable t) {
                thrown[0] = t;
              }
            });
    thread.start();
    Thread.sleep(200);
    thread.interrupt();
    thread.join(10_000);
    assertThat(thrown[0]).isInstanceOf(InterruptedException.class);
  }

  @Test
  void badInput() throws IOException {
    assertThatThrownBy(() -> trainer(100).build().train(List.of(" ", "\u0000").iterator()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no words");
    assertThatThrownBy(() -> trainer(10).build().train(List.of("abcdef").iterator()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vocabSize 10 cannot hold the 16 special tokens");
    Path missing = folder.resolve("none.txt");
    assertThatThrownBy(() -> trainer(100).build().train(List.of(missing)))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining(missing.toString());
    byte[] latin1 = "good\nna?ve\n".getBytes(StandardCharsets.ISO_8859_1);
    latin1[7] = (byte) 0xEF;
    Path bad = Files.write(folder.resolve("bad.txt"), latin1);
    assertThatThrownBy(() -> trainer(100).build().train(List.of(bad)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(bad + ", line 2: not valid UTF-8");
    assertThatThrownBy(() -> trainer(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("vocabSize must be at least 1, got 0");
  }

  /**
   * What was learnt encodes its own text without [UNK], and a larger vocabulary in fewer tokens.
   */
  @Test
  void learntVocabularyCoversItsText() throws Exception {
    String text = Files.readString(TEXT);
    int before = Integer.MAX_VALUE;
    for (int vocabSize : new int[] {500, 1000, 2000}) {
      Vocabulary learnt = trainer(vocabSize).build().train(List.of(TEXT));
      int[] ids = new WordPieceTokenizer(learnt, TokenizerOptions.uncased()).encode(text).ids();
      assertThat(IntStream.of(ids)).doesNotContain(learnt.unkId());
      assertThat(ids.length).isLessThan(before);
      before = ids.length;
    }
  }

  private static WordPieceTrainer.Builder trainer(int vocabSize) {
    return WordPieceTrainer.builder().vocabSize(vocabSize).threads(2);
  }
}
