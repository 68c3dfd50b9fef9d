package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.electra4j.data.CorpusPreparer;
import org.electra4j.data.ExampleOptions;
import org.electra4j.data.PretrainingBatch;
import org.electra4j.data.PretrainingData;
import org.electra4j.data.TokenizedCorpus;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Tokenising the bundled text into a corpus on disk, and taking batches from it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CorpusBench {
  @Param("2")
  int threads;

  @Param("32")
  int batch;

  @Param("128")
  int seqLength;

  private Path folder;
  private Path text;
  private long textBytes;
  private CorpusPreparer preparer;
  private TokenizedCorpus corpus;
  private PretrainingData data;
  private long prepared;
  private long number;

  /** Text of plain bytes, before tokenising. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class TextRates {
    /** MB/s. */
    public double megabytes;

    public double tokens;
  }

  /** Tokens of the batches. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class BatchRates {
    public double tokens;
  }

  /** Writes the text as a plain file and prepares it once. */
  @Setup(Level.Trial)
  public void setUp() throws IOException, InterruptedException {
    folder = Files.createTempDirectory("electra-corpus-bench");
    text = folder.resolve("text.txt");
    Files.write(text, Workspace.corpusLines());
    textBytes = Files.size(text);
    Vocabulary vocabulary = Vocabulary.load(Workspace.vocabulary());
    preparer =
        CorpusPreparer.builder(vocabulary, TokenizerOptions.uncased()).threads(threads).build();
    corpus = preparer.prepare(List.of(text), folder.resolve("corpus"));
    data = PretrainingData.open(corpus, ExampleOptions.of(seqLength), batch, 1);
  }

  /** Tokenises the whole text. */
  @Benchmark
  public void prepare(TextRates rates) throws IOException, InterruptedException {
    Path target = folder.resolve("prepared-" + prepared++);
    try (TokenizedCorpus made = preparer.prepare(List.of(text), target)) {
      rates.tokens += made.tokens();
    }
    rates.megabytes += 1e-6 * textBytes;
    delete(target);
  }

  /** Packs the next batch. */
  @Benchmark
  public PretrainingBatch nextBatch(BatchRates rates) {
    PretrainingBatch next = data.batch(number++);
    rates.tokens += next.tokens();
    return next;
  }

  /** Deletes everything. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    data.close();
    corpus.close();
    delete(folder);
  }

  private static void delete(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
