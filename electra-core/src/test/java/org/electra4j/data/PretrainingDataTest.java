package org.electra4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainingDataTest {
  private static final int CLS = 2;
  private static final int SEP = 3;
  private static final ExampleOptions OPTIONS = ExampleOptions.of(32).withHeldOutShare(0.05);

  @TempDir Path temp;
  private TokenizedCorpus corpus;

  @BeforeEach
  void prepare() {
    corpus = Corpora.prepareLines(Corpora.lines(new Random(1), 400, 8, 16), temp.resolve("corpus"));
  }

  @AfterEach
  void close() {
    corpus.close();
  }

  private PretrainingData open(int batchSize, long seed) throws Exception {
    return PretrainingData.open(corpus, OPTIONS, batchSize, seed);
  }

  private static List<List<Integer>> sequences(PretrainingBatch batch) {
    List<List<Integer>> sequences = new ArrayList<>();
    for (int i = 0; i < batch.sequences(); i++) {
      sequences.add(
          Arrays.stream(batch.inputIds(), batch.cuSeqlens()[i], batch.cuSeqlens()[i + 1])
              .boxed()
              .toList());
    }
    return sequences;
  }

  private static void addWords(Map<Integer, Integer> counts, PretrainingBatch batch) {
    for (int id : batch.inputIds()) {
      if (id >= Corpora.FIRST_WORD) {
        counts.merge(id, 1, Integer::sum);
      }
    }
  }

  private static void assertSameBatch(PretrainingBatch actual, PretrainingBatch expected) {
    assertThat(actual.inputIds()).isEqualTo(expected.inputIds());
    assertThat(actual.tokenTypeIds()).isEqualTo(expected.tokenTypeIds());
    assertThat(actual.positionIds()).isEqualTo(expected.positionIds());
    assertThat(actual.cuSeqlens()).isEqualTo(expected.cuSeqlens());
  }

  @Test
  void sequencesAreLaidOutAsTheModelReadsThem() throws Exception {
    try (PretrainingData data = open(16, 1)) {
      int withSecond = 0;
      for (long b = 0; b < 50; b++) {
        PretrainingBatch batch = data.batch(b);
        assertThat(batch.sequences()).isEqualTo(16);
        assertThat(batch.cuSeqlens()[0]).isZero();
        assertThat(batch.cuSeqlens()[16]).isEqualTo(batch.tokens());
        assertThat(batch.maxSeqlen()).isLessThanOrEqualTo(32);
        for (int i = 0; i < 16; i++) {
          withSecond += assertSequence(batch, batch.cuSeqlens()[i], batch.cuSeqlens()[i + 1]);
        }
      }
      assertThat(withSecond).isBetween(400, 799);
    }
  }

  /** Checks [CLS] A [SEP] (B [SEP]) with types and positions; returns 1 if there is a B. */
  private static int assertSequence(PretrainingBatch batch, int start, int end) {
    int[] ids = Arrays.copyOfRange(batch.inputIds(), start, end);
    int[] types = Arrays.copyOfRange(batch.tokenTypeIds(), start, end);
    int[] positions = Arrays.copyOfRange(batch.positionIds(), start, end);
    assertThat(positions).isEqualTo(IntStream.range(0, ids.length).toArray());
    assertThat(ids[0]).isEqualTo(CLS);
    assertThat(ids[ids.length - 1]).isEqualTo(SEP);
    int[] separators = IntStream.range(0, ids.length).filter(i -> ids[i] == SEP).toArray();
    assertThat(separators.length).isBetween(1, 2);
    assertThat(separators[0]).isGreaterThan(1);
    for (int i = 0; i < ids.length; i++) {
      assertThat(types[i]).isEqualTo(i <= separators[0] ? 0 : 1);
    }
    if (separators.length == 2) {
      assertThat(separators[1]).isGreaterThan(separators[0] + 1);
    }
    return separators.length - 1;
  }

  @Test
  void everyTokenIsTrainedOnOnceAnEpochOrHeldOut() throws Exception {
    Map<Integer, Integer> seen = new HashMap<>();
    try (PretrainingData data = open(1, 5)) {
      for (long b = 0; b < data.examples(); b++) {
        addWords(seen, data.batch(b));
      }
      Map<Integer, Integer> heldOut = new HashMap<>();
      for (long b = 0; b < data.heldOut().batches(); b++) {
        addWords(heldOut, data.heldOut().batch(b));
      }
      int held = heldOut.values().stream().mapToInt(i -> i).sum();
      assertThat((double) held / corpus.tokens()).isBetween(0.02, 0.09);
      heldOut.forEach((id, n) -> seen.merge(id, n, Integer::sum));
    }
    Map<Integer, Integer> expected = new HashMap<>();
    for (int id : Corpora.tokens(corpus, 0, corpus.tokens())) {
      expected.merge(id, 1, Integer::sum);
    }
    assertThat(seen).isEqualTo(expected);
  }

  @Test
  void heldOutDocumentsAreNeverTrainedOn() throws Exception {
    try (PretrainingData data = open(1, 5)) {
      Set<List<Integer>> trained = new HashSet<>();
      for (long b = 0; b < 3 * data.examples(); b++) {
        trained.addAll(sequences(data.batch(b)));
      }
      assertThat(trained).hasSize(Math.toIntExact(data.examples()));
      for (long b = 0; b < data.heldOut().batches(); b++) {
        assertThat(trained).doesNotContainAnyElementsOf(sequences(data.heldOut().batch(b)));
      }
    }
  }

  @Test
  void batchesRunAcrossTheEndsOfEpochs() throws Exception {
    try (PretrainingData single = open(1, 9);
        PretrainingData data = open(7, 9)) {
      long n = data.examples();
      assertThat(n % 7).isNotZero();
      List<List<Integer>> expected = new ArrayList<>();
      for (long p = 0; p < 2 * n; p++) {
        expected.addAll(sequences(single.batch(p)));
      }
      List<List<Integer>> actual = new ArrayList<>();
      for (long b = 0; b < 2 * n / 7; b++) {
        actual.addAll(sequences(data.batch(b)));
      }
      assertThat(actual).isEqualTo(expected.subList(0, actual.size()));
      assertThat(expected.subList(0, (int) n))
          .isNotEqualTo(expected.subList((int) n, (int) (2 * n)));
      assertThat(new HashSet<>(expected.subList(0, (int) n)))
          .isEqualTo(new HashSet<>(expected.subList((int) n, (int) (2 * n))));
    }
  }

  @Test
  void aBatchIsAFunctionOfItsNumber() throws Exception {
    PretrainingBatch expected;
    try (PretrainingData data = open(8, 3)) {
      expected = data.batch(1234);
      data.batch(0);
      assertSameBatch(data.batch(1234), expected);
    }
    try (PretrainingData again = open(8, 3);
        PretrainingData otherSeed = open(8, 4)) {
      assertSameBatch(again.batch(1234), expected);
      assertThat(otherSeed.batch(1234).inputIds()).isNotEqualTo(expected.inputIds());
    }
  }

  @Test
  void manyThreadsGetTheSameBatches() throws Exception {
    try (PretrainingData data = open(8, 3)) {
      List<PretrainingBatch> expected = LongStream.range(0, 200).mapToObj(data::batch).toList();
      List<PretrainingBatch> actual =
          LongStream.range(0, 200).parallel().mapToObj(data::batch).toList();
      for (int i = 0; i < 200; i++) {
        assertSameBatch(actual.get(i), expected.get(i));
      }
    }
  }

  @Test
  void prefetchedBatchesResumeAnywhere() throws Exception {
    try (PretrainingData data = open(8, 3);
        BatchPrefetcher prefetcher = new BatchPrefetcher(data, 77, 2)) {
      for (long b = 77; b < 90; b++) {
        assertSameBatch(prefetcher.next(), data.batch(b));
      }
    }
  }

  @Test
  void indexesAreBuiltOnceAndBuiltAgainWhenDamaged() throws Exception {
    PretrainingBatch expected;
    try (PretrainingData data = open(8, 3)) {
      expected = data.batch(5);
    }
    List<Path> pieces = files("pieces.bin");
    assertThat(pieces).hasSize(2);
    var written = Files.getLastModifiedTime(pieces.get(0));
    Thread.sleep(20);
    try (PretrainingData data = open(16, 3)) {
      assertThat(Files.getLastModifiedTime(pieces.get(0))).isEqualTo(written);
      assertThat(data.examples()).isPositive();
    }
    for (Path file : pieces) {
      Files.write(file, new byte[] {1, 2, 3});
    }
    try (PretrainingData data = open(8, 3)) {
      assertSameBatch(data.batch(5), expected);
    }
    open(8, 4).close();
    assertThat(files("pieces.bin")).as("held-out examples are shared by the seeds").hasSize(3);
  }

  private List<Path> files(String name) throws Exception {
    try (Stream<Path> all = Files.walk(corpus.folder())) {
      return all.filter(path -> path.endsWith(name)).sorted().toList();
    }
  }

  @Test
  void anIndexOfOlderTextIsNotUsed() throws Exception {
    Path in = Corpora.write(temp.resolve("in.txt"), "w1 w2 w3\n\nw4 w5 w6\n");
    CorpusPreparer preparer = Corpora.preparer().build();
    Path out = temp.resolve("out");
    try (TokenizedCorpus first = preparer.prepare(List.of(in), out);
        PretrainingData data = PretrainingData.open(first, ExampleOptions.of(16), 1, 0)) {
      assertThat(data.examples()).isEqualTo(1);
    }
    Corpora.write(in, "w7 w8 w9\n\nw10 w11 w12\n\n");
    Files.createDirectory(out.resolve(".examples-00000000.tmp-left-by-a-killed-process"));
    try (TokenizedCorpus second = preparer.prepare(List.of(in), out);
        PretrainingData data = PretrainingData.open(second, ExampleOptions.of(16), 1, 0)) {
      assertThat(data.batch(0).inputIds()).contains(Corpora.FIRST_WORD + 8);
    }
  }

  @Test
  void heldOutBatchesComeInOrderEachExampleOnce() throws Exception {
    try (PretrainingData data = open(8, 3);
        PretrainingData other = open(8, 4)) {
      HeldOutData heldOut = data.heldOut();
      assertThat(heldOut.batches()).isEqualTo((heldOut.examples() + 7) / 8).isPositive();
      int sequences = 0;
      for (long b = 0; b < heldOut.batches(); b++) {
        sequences += heldOut.batch(b).sequences();
        assertSameBatch(other.heldOut().batch(b), heldOut.batch(b));
      }
      assertThat(sequences).isEqualTo((int) heldOut.examples());
      assertThatThrownBy(() -> heldOut.batch(heldOut.batches()))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("only " + heldOut.batches());
    }
  }

  @Test
  void withoutAShareNothingIsHeldOut() throws Exception {
    try (PretrainingData data = PretrainingData.open(corpus, OPTIONS.withHeldOutShare(0), 4, 1)) {
      assertThat(data.heldOut().examples()).isZero();
      assertThat(data.heldOut().batches()).isZero();
    }
  }

  @Test
  void aBatchLargerThanTheCorpusNamesBothNumbers() throws Exception {
    long examples;
    try (PretrainingData data = open(1, 3)) {
      examples = data.examples();
    }
    assertThatThrownBy(() -> open((int) examples + 1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("A batch of " + (examples + 1) + " is larger than the corpus")
        .hasMessageContaining("gives " + examples + " training examples");
    open((int) examples, 3).close();
  }

  @Test
  void refusesWrongArguments() throws Exception {
    assertThatThrownBy(() -> open(0, 3)).hasMessageContaining("batchSize must be at least 1");
    try (PretrainingData data = open(2, 3)) {
      assertThatThrownBy(() -> data.batch(-1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> data.batch(Long.MAX_VALUE))
          .isInstanceOf(IndexOutOfBoundsException.class);
      data.batch(Long.MAX_VALUE / 2 - 1);
    }
    assertThatThrownBy(() -> ExampleOptions.of(4)).hasMessageContaining("seqLength must be in [5");
    assertThatThrownBy(() -> OPTIONS.withHeldOutShare(1))
        .hasMessageContaining("heldOutShare must be in [0, 1), got 1.0");
    assertThatThrownBy(() -> OPTIONS.withShortSequenceProbability(Double.NaN))
        .hasMessageContaining("shortSequenceProbability must be in [0, 1], got NaN");
    assertThatThrownBy(() -> OPTIONS.withSingleSegmentProbability(-0.1))
        .hasMessageContaining("singleSegmentProbability");
  }

  @Test
  void closedDataSaysSo() throws Exception {
    PretrainingData data = open(2, 3);
    data.close();
    assertThatThrownBy(() -> data.batch(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void interruptEndsTheBuildingAndLeavesNothing() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> open(2, 3)).isInstanceOf(InterruptedException.class);
    try (Stream<Path> content = Files.list(corpus.folder())) {
      assertThat(content.map(path -> path.getFileName().toString()))
          .allMatch(name -> TokenizedCorpus.ownsFile(name) && !name.contains("examples"));
    }
  }
}
