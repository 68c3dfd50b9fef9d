package org.electra4j.bench;

import java.io.IOException;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.electra4j.bench.engines.Cosines;
import org.electra4j.bench.engines.SentenceEngine;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
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

/**
 * Sentences of the bundled text to the vectors of all-MiniLM-L6-v2, all in one call. Before it is
 * timed, the first vectors of an engine must have the direction of ours in fp32.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
public class MiniLmBench {
  private static final String YARDSTICK = "electra4j-fp32";
  private static final int COMPARED = 200;

  @Param({"electra4j-bf16", "electra4j-fp32", "langchain4j-fp32", "langchain4j-int8"})
  String engine;

  @Param("2000")
  int sentences;

  @Param("2")
  int threads;

  private SentenceEngine encoder;
  private List<String> texts;

  /** Loads the engine and compares it with ours. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    texts = sample(sentences(Workspace.corpusLines()), sentences);
    Notes.add("tokens_per_sentence", meanTokens());
    List<String> compared = texts.subList(0, Math.min(COMPARED, texts.size()));
    float[][] expected;
    try (SentenceEngine yardstick = SentenceEngine.open(YARDSTICK, threads)) {
      expected = yardstick.embed(compared);
    }
    encoder = SentenceEngine.open(engine, threads);
    Cosines.check(engine, encoder.embed(compared), expected);
  }

  private static List<String> sentences(List<String> lines) {
    List<String> all = new ArrayList<>();
    BreakIterator boundaries = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    for (String line : lines) {
      boundaries.setText(line);
      int start = boundaries.first();
      for (int end = boundaries.next(); end != BreakIterator.DONE; end = boundaries.next()) {
        String sentence = line.substring(start, end).strip();
        if (!sentence.isEmpty()) {
          all.add(sentence);
        }
        start = end;
      }
    }
    return all;
  }

  /** Returns {@code count} of them, evenly spread. */
  private static List<String> sample(List<String> all, int count) {
    List<String> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(all.get((int) ((long) i * all.size() / count)));
    }
    return some;
  }

  private double meanTokens() throws IOException {
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(Vocabulary.load(Workspace.vocabulary()), TokenizerOptions.uncased());
    return texts.stream().mapToInt(text -> tokenizer.encode(text).size()).average().orElseThrow();
  }

  /** Embeds all of them. */
  @Benchmark
  public float[][] embedAll() {
    return encoder.embed(texts);
  }

  /** Frees the engine. */
  @TearDown(Level.Trial)
  public void tearDown() {
    encoder.close();
  }
}
