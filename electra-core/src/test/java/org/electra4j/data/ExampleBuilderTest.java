package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleBuilderTest {
  @TempDir Path temp;

  /** Options without chance but the coin: every example has two segments and full length. */
  private static ExampleOptions plain(int seqLength) {
    return ExampleOptions.of(seqLength)
        .withShortSequenceProbability(0)
        .withSingleSegmentProbability(0)
        .withHeldOutShare(0);
  }

  /** Returns the examples of a corpus of one document as "w1 w2 / w3". */
  private static List<String> examples(TokenizedCorpus corpus, ExampleOptions options, long seed)
      throws Exception {
    List<String> examples = new ArrayList<>();
    ExampleBuilder builder =
        new ExampleBuilder(
            corpus,
            options,
            seed,
            (pieces, count) -> examples.add(show(corpus, Arrays.copyOf(pieces, count))));
    for (long d = 0; d < corpus.documents(); d++) {
      long from = corpus.sentenceStart(corpus.documentStart(d));
      builder.document(d, from, corpus.sentenceStart(corpus.documentStart(d + 1)));
    }
    return examples;
  }

  private static String show(TokenizedCorpus corpus, long[] pieces) {
    StringBuilder text = new StringBuilder();
    int segment = 0;
    for (long piece : pieces) {
      if (ExampleBuilder.pieceSegment(piece) != segment) {
        text.append(text.isEmpty() ? "/" : " /");
        segment = ExampleBuilder.pieceSegment(piece);
      }
      long start = ExampleBuilder.pieceStart(piece);
      for (int id : Corpora.tokens(corpus, start, start + ExampleBuilder.pieceLength(piece))) {
        text.append(text.isEmpty() ? "" : " ").append(Corpora.VOCABULARY.token(id));
      }
    }
    return text.toString();
  }

  private TokenizedCorpus corpus(String... lines) {
    return Corpora.prepareLines(List.of(lines), temp.resolve("corpus"));
  }

  /** Returns a seed whose first coins of a corpus's first document fall as wanted. */
  private static long seedOfCoins(boolean... coins) {
    for (long seed = 0; ; seed++) {
      boolean fits = true;
      for (int e = 0; e < coins.length; e++) {
        int[] words = new int[4];
        Philox.block(seed, RandomStreams.EXAMPLES, 0, e, words);
        fits &= words[3] < 0 == coins[e];
      }
      if (fits) {
        return seed;
      }
    }
  }

  @Test
  void pieceKeepsItsParts() {
    long start = (1L << 39) - 1;
    long piece = ExampleBuilder.piece(start, 1 << 20, 1);
    assertThat(ExampleBuilder.pieceStart(piece)).isEqualTo(start);
    assertThat(ExampleBuilder.pieceLength(piece)).isEqualTo(1 << 20);
    assertThat(ExampleBuilder.pieceSegment(piece)).isEqualTo(1);
  }

  @Test
  void firstSegmentStaysBelowItsTargetUnlessTheCoinSaysSo() throws Exception {
    // Length 13: room for 10 tokens, A's target (13 - 3) / 2 = 5.
    try (TokenizedCorpus corpus = corpus("w1 w2", "w3 w4", "w5 w6", "w7 w8", "w9 w10")) {
      assertThat(examples(corpus, plain(13), seedOfCoins(false)))
          .containsExactly("w1 w2 w3 w4 / w5 w6 w7 w8 w9 w10");
      assertThat(examples(corpus, plain(13), seedOfCoins(true)))
          .containsExactly("w1 w2 w3 w4 w5 w6 / w7 w8 w9 w10");
    }
  }

  @Test
  void theFirstSentenceAlwaysJoinsTheFirstSegment() throws Exception {
    try (TokenizedCorpus corpus = corpus("w1 w2 w3 w4 w5 w6 w7", "w8 w9 w10")) {
      for (boolean coin : new boolean[] {false, true}) {
        assertThat(examples(corpus, plain(13), seedOfCoins(coin)))
            .containsExactly("w1 w2 w3 w4 w5 w6 w7 / w8 w9 w10");
      }
    }
  }

  @Test
  void overflowBeginsTheNextExampleOrIsDropped() throws Exception {
    try (TokenizedCorpus corpus =
        corpus("w1 w2 w3 w4", "w5 w6 w7 w8", "w9 w10 w11 w12", "w13 w14", "w15")) {
      assertThat(examples(corpus, plain(13), seedOfCoins(false, false)))
          .containsExactly("w1 w2 w3 w4 / w5 w6 w7 w8 w9 w10", "w11 w12 w13 w14 / w15");
      // 12 tokens are still below the 13 of the target, so a fourth sentence is gathered.
      assertThat(
              examples(corpus, plain(13).withQuirks(false, false, true), seedOfCoins(false, false)))
          .containsExactly("w1 w2 w3 w4 / w5 w6 w7 w8 w9 w10", "w15");
    }
  }

  @Test
  void aSentenceTooLongIsCutAtTheFirstTargetOrLeavesTheSecondSegmentEmpty() throws Exception {
    String line = "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14";
    try (TokenizedCorpus corpus = corpus(line, "w15")) {
      assertThat(examples(corpus, plain(13), seedOfCoins(false, false)))
          .containsExactly("w1 w2 w3 w4 w5 / w6 w7 w8 w9 w10", "w11 w12 w13 w14 / w15");
      assertThat(
              examples(corpus, plain(13).withQuirks(false, false, true), seedOfCoins(false, false)))
          .containsExactly("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11", "w15");
    }
  }

  @Test
  void singleSegmentExamplesUseTheRoomOfTheThirdSeparator() throws Exception {
    try (TokenizedCorpus corpus = corpus("w1 w2 w3 w4 w5 w6", "w7 w8 w9 w10 w11 w12", "w13")) {
      ExampleOptions single = plain(13).withSingleSegmentProbability(1);
      assertThat(examples(corpus, single, 0))
          .containsExactly("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11", "w12 w13");
      assertThat(examples(corpus, single.withQuirks(false, false, true), 0))
          .containsExactly("w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11");
    }
  }

  @Test
  void laterSentencesMayJoinTheFirstSegmentOnlyAsAQuirk() throws Exception {
    try (TokenizedCorpus corpus = corpus("w1 w2", "w3 w4 w5 w6", "w7", "w8 w9", "w10")) {
      long seed = seedOfCoins(false);
      assertThat(examples(corpus, plain(13), seed))
          .containsExactly("w1 w2 / w3 w4 w5 w6 w7 w8 w9 w10");
      // Target 5: w7 joins (2 + 1 < 5), then w8 w9 does not (3 + 2), then w10 does (3 + 1).
      assertThat(examples(corpus, plain(13).withQuirks(true, false, false), seed))
          .containsExactly("w1 w2 w7 w10 / w3 w4 w5 w6 w8 w9");
      assertThat(examples(corpus, plain(13).withQuirks(true, false, true), seed))
          .containsExactly("w1 w2 w7 w10 / w3 w4 w5 w6 w8 w9");
    }
  }

  @Test
  void shortTargetsHoldUnlessTrimmedToTheMaximumOnly() throws Exception {
    Random random = new Random(1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      lines.add(Corpora.sentence(random, 30));
    }
    try (TokenizedCorpus corpus = Corpora.prepareLines(lines, temp.resolve("corpus"))) {
      ExampleOptions allShort = plain(64).withShortSequenceProbability(1);
      int[] sane = lengths(corpus, allShort);
      // Uniform in [5, 64], or one less where no token of B fits; the last one is what is left.
      int[] whole = Arrays.copyOf(sane, sane.length - 1);
      assertThat(Arrays.stream(whole).min().orElseThrow()).isBetween(4, 5);
      assertThat(Arrays.stream(whole).max()).hasValue(64);
      assertThat(Arrays.stream(whole).average().orElseThrow()).isBetween(33.0, 36.0);
      assertThat(Arrays.stream(whole).distinct().count()).isBetween(60L, 61L);

      int[] quirk = lengths(corpus, allShort.withQuirks(false, true, true));
      // Whole sentences of 30 reach a target up to 30 with one, more with two; cut at 64 only.
      assertThat(Arrays.stream(quirk).min().orElseThrow()).isGreaterThanOrEqualTo(32);
      assertThat(Arrays.stream(quirk).max()).hasValue(64);
    }
  }

  private static int[] lengths(TokenizedCorpus corpus, ExampleOptions options) throws Exception {
    return examples(corpus, options, 3).stream()
        .mapToInt(e -> e.split(" ").length + 2) // "/" stands for the [SEP] between
        .toArray();
  }

  @Test
  void probabilitiesAreKept() throws Exception {
    List<String> lines = Corpora.lines(new Random(2), 400, 60, 20);
    try (TokenizedCorpus corpus = Corpora.prepareLines(lines, temp.resolve("corpus"))) {
      List<String> all = examples(corpus, ExampleOptions.of(32).withHeldOutShare(0), 11);
      int n = all.size();
      assertThat(n).isGreaterThan(3000);
      // The rest of a document's last example may be too short for B: at most one in 400 documents.
      double single = all.stream().filter(e -> !e.contains("/")).count() - 200;
      assertThat(single / n).isBetween(0.05, 0.15);
      List<String> none = examples(corpus, plain(32).withShortSequenceProbability(0.05), 11);
      long shorter =
          none.stream().filter(e -> e.replace("/ ", "").split(" ").length < 29).count() - 400;
      assertThat((double) shorter / none.size()).isBetween(0.02, 0.08);
    }
  }

  @Test
  void noTokenIsLostOrMovedInAnyOptionsThatKeepTheOverflow() throws Exception {
    Random random = new Random(4);
    for (int trial = 0; trial < 60; trial++) {
      List<String> lines =
          Corpora.lines(random, 1 + random.nextInt(20), 12, 1 + random.nextInt(90));
      try (TokenizedCorpus corpus = Corpora.prepareLines(lines, temp.resolve("corpus"))) {
        boolean outOfOrder = trial % 3 == 0;
        ExampleOptions options =
            ExampleOptions.of(5 + random.nextInt(60))
                .withShortSequenceProbability(trial % 2 * 0.5)
                .withQuirks(outOfOrder, trial % 5 == 0, false);
        List<String> words = new ArrayList<>();
        for (String example : examples(corpus, options, trial)) {
          List<String> content = new ArrayList<>(List.of(example.split(" ")));
          assertThat(content.size()).isLessThanOrEqualTo(options.seqLength() - 2);
          content.remove("/");
          words.addAll(content);
        }
        List<String> expected =
            new ArrayList<>(List.of(String.join(" ", lines).trim().split(" +")));
        if (outOfOrder) {
          Collections.sort(words);
          Collections.sort(expected);
        }
        assertThat(words).isEqualTo(expected);
      }
    }
  }

  @Test
  void examplesNeverCrossDocuments() throws Exception {
    List<String> lines = Corpora.lines(new Random(5), 300, 5, 10);
    try (TokenizedCorpus corpus = Corpora.prepareLines(lines, temp.resolve("corpus"))) {
      for (ExampleOptions options : List.of(ExampleOptions.of(64), ExampleOptions.published(64))) {
        ExampleBuilder builder =
            new ExampleBuilder(
                corpus,
                options,
                0,
                (pieces, count) -> {
                  for (int i = 0; i < count; i++) {
                    long start = ExampleBuilder.pieceStart(pieces[i]);
                    long last = start + ExampleBuilder.pieceLength(pieces[i]) - 1;
                    assertThat(documentOf(corpus, start))
                        .isEqualTo(documentOf(corpus, last))
                        .isEqualTo(documentOf(corpus, ExampleBuilder.pieceStart(pieces[0])));
                  }
                });
        for (long d = 0; d < corpus.documents(); d++) {
          long from = corpus.sentenceStart(corpus.documentStart(d));
          builder.document(d, from, from + corpus.documentTokens(d));
        }
      }
    }
  }

  private static long documentOf(TokenizedCorpus corpus, long token) {
    long document = 0;
    while (corpus.sentenceStart(corpus.documentStart(document + 1)) <= token) {
      document++;
    }
    return document;
  }

  /** The published algorithm written down again, list by list, with the same draws. */
  @Test
  void allQuirksTogetherAreThePublishedAlgorithm() throws Exception {
    Random random = new Random(6);
    for (int trial = 0; trial < 30; trial++) {
      List<String> lines = Corpora.lines(random, 10, 30, 1 + random.nextInt(40));
      int maxLength = 16 + random.nextInt(64);
      try (TokenizedCorpus corpus = Corpora.prepareLines(lines, temp.resolve("corpus"))) {
        assertThat(examples(corpus, ExampleOptions.published(maxLength), trial))
            .isEqualTo(publishedExamples(lines, maxLength, trial));
      }
    }
  }

  private static List<String> publishedExamples(List<String> lines, int maxLength, long seed) {
    List<String> examples = new ArrayList<>();
    List<List<String>> current = new ArrayList<>();
    int document = 0;
    int number = 0;
    int length = 0;
    for (String line : lines) {
      Draw draw = new Draw(seed, document, number, maxLength);
      if (line.isEmpty()) {
        if (length > 0) {
          examples.add(publishedExample(current, maxLength, draw));
        }
        current.clear();
        length = 0;
        number = 0;
        document++;
        continue;
      }
      List<String> sentence = List.of(line.split(" "));
      current.add(sentence);
      length += sentence.size();
      if (length >= draw.target) {
        examples.add(publishedExample(current, maxLength, draw));
        current.clear();
        length = 0;
        number++;
      }
    }
    return examples;
  }

  private static String publishedExample(List<List<String>> sentences, int maxLength, Draw draw) {
    int firstTarget = draw.single ? 100_000 : (draw.target - 3) / 2;
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    for (List<String> sentence : sentences) {
      if (first.isEmpty()
          || first.size() + sentence.size() < firstTarget
          || (second.isEmpty() && first.size() < firstTarget && draw.coin)) {
        first.addAll(sentence);
      } else {
        second.addAll(sentence);
      }
    }
    first = first.subList(0, Math.min(first.size(), maxLength - 2));
    int room = Math.max(0, maxLength - first.size() - 3);
    second = second.subList(0, Math.min(second.size(), room));
    String a = String.join(" ", first);
    return second.isEmpty() ? a : a + " / " + String.join(" ", second);
  }

  /** The chances of one example, read from Philox as the builder's Javadoc states. */
  private static final class Draw {
    final int target;
    final boolean single;
    final boolean coin;

    Draw(long seed, long document, long example, int maxLength) {
      int[] words = new int[4];
      Philox.block(seed, RandomStreams.EXAMPLES, document, example, words);
      boolean isShort = (words[0] >>> 8) / 16_777_216.0 < 0.05;
      long uniform = (words[1] & 0xFFFFFFFFL) * (maxLength - 4) >>> 32;
      target = isShort ? 5 + (int) uniform : maxLength;
      single = (words[2] >>> 8) / 16_777_216.0 < 0.1;
      coin = words[3] < 0;
    }
  }
}
