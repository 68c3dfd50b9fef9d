package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutSplitTest {
  @TempDir Path temp;

  private TokenizedCorpus corpus(List<String> lines) {
    return Corpora.prepareLines(lines, temp.resolve("corpus"));
  }

  /** Returns the held-out documents after checking that each is wholly on one side. */
  private static TreeSet<Long> heldOut(TokenizedCorpus corpus, double share) {
    HeldOutSplit split = new HeldOutSplit(corpus, share);
    TreeSet<Long> documents = new TreeSet<>();
    for (long d = 0; d < corpus.documents(); d++) {
      long held = split.end(d, true) - split.start(d, true);
      long trained = split.end(d, false) - split.start(d, false);
      assertThat(held == 0 || trained == 0).isTrue();
      assertThat(held + trained).isEqualTo(corpus.documentTokens(d));
      if (held > 0) {
        documents.add(d);
      }
    }
    return documents;
  }

  private static List<String> documents(int count) {
    List<String> lines = new ArrayList<>();
    for (int d = 0; d < count; d++) {
      lines.add("w1 w2 w3");
      lines.add("");
    }
    return lines;
  }

  @Test
  void theShareIsDrawnByDocumentNumberAlone() {
    TreeSet<Long> some;
    try (TokenizedCorpus corpus = corpus(documents(20_000))) {
      some = heldOut(corpus, 0.005);
      // Binomial: 100 expected, standard deviation 10; six of them.
      assertThat(some.size()).isBetween(40, 160);
      assertThat(heldOut(corpus, 0.02)).containsAll(some);
    }
    List<String> longer = documents(30_000);
    Collections.fill(longer.subList(0, 1), "w5 w6 w7 w8");
    try (TokenizedCorpus corpus = corpus(longer)) {
      assertThat(heldOut(corpus, 0.005).headSet(20_000L)).isEqualTo(some);
    }
  }

  @Test
  void atLeastOneOfSeveralDocumentsIsHeldOut() {
    for (int count = 2; count < 12; count++) {
      try (TokenizedCorpus corpus = corpus(documents(count))) {
        assertThat(heldOut(corpus, 1e-9)).hasSize(1);
        assertThat(heldOut(corpus, 0)).isEmpty();
      }
    }
  }

  @Test
  void theLongestDocumentIsAlwaysTrainedOn() {
    List<String> lines = new ArrayList<>(List.of("w1", "", "w1 w2 w3 w4", "w5", "", "w1 w2"));
    try (TokenizedCorpus corpus = corpus(lines)) {
      assertThat(heldOut(corpus, 0.99)).doesNotContain(1L).isNotEmpty();
    }
    try (TokenizedCorpus corpus = corpus(List.of("w1 w2 w3", "", "w4"))) {
      assertThat(heldOut(corpus, 0.005)).containsExactly(1L);
    }
  }

  private long tail(List<String> lines, double share) {
    try (TokenizedCorpus corpus = corpus(lines)) {
      HeldOutSplit split = new HeldOutSplit(corpus, share);
      assertThat(split.start(0, false)).isZero();
      assertThat(split.end(0, false)).isEqualTo(split.start(0, true));
      assertThat(split.end(0, true)).isEqualTo(corpus.tokens());
      return corpus.tokens() - split.start(0, true);
    }
  }

  @Test
  void aSingleDocumentLosesItsLastSentences() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lines.add("w1 w2 w3 w4 w5");
    }
    assertThat(tail(lines, 0.005)).isEqualTo(5);
    assertThat(tail(lines, 0.01)).isEqualTo(5);
    assertThat(tail(lines, 0.0101)).isEqualTo(10);
    assertThat(tail(lines, 0.2)).isEqualTo(100);
    assertThat(tail(lines, 0)).isZero();
  }

  @Test
  void aSingleDocumentOfOneLongLineIsCutInside() {
    String line = Corpora.sentence(new Random(1), 1000);
    assertThat(tail(List.of(line), 0.005)).isEqualTo(5);
    assertThat(tail(List.of("w1 w2", line), 0.005)).isEqualTo(6);
    assertThat(tail(List.of("w1 w2"), 0.005)).isEqualTo(1);
    assertThat(tail(List.of("w1"), 0.5)).isZero();
  }

  @Test
  void examplesOfACutDocumentLoseNothing() throws Exception {
    List<String> lines = Corpora.lines(new Random(3), 1, 60, 30);
    try (TokenizedCorpus corpus = corpus(lines);
        ExampleIndex training =
            ExampleIndex.open(corpus, ExampleOptions.of(16).withHeldOutShare(0.3), 1, false);
        ExampleIndex heldOut =
            ExampleIndex.open(corpus, ExampleOptions.of(16).withHeldOutShare(0.3), 1, true)) {
      List<Integer> words = new ArrayList<>();
      for (ExampleIndex index : List.of(training, heldOut)) {
        for (long e = 0; e < index.examples(); e++) {
          int[] ids = new int[index.length(e)];
          index.write(e, ids, new int[ids.length], 0);
          for (int id : ids) {
            if (id >= Corpora.FIRST_WORD) {
              words.add(id);
            }
          }
        }
      }
      assertThat(words.stream().mapToInt(i -> i).toArray())
          .isEqualTo(Corpora.tokens(corpus, 0, corpus.tokens()));
      assertThat(heldOut.examples()).isPositive();
    }
  }
}
