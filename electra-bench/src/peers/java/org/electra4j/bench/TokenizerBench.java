package org.electra4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.electra4j.bench.engines.TokenizerEngine;
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

/**
 * WordPiece encoding of the bundled English text in one thread; every engine must give the ids that
 * ours gives.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TokenizerBench {
  private static final String YARDSTICK = "electra4j";

  /** {@code electra4j-ids} gives ids without their places in the text. */
  @Param({"electra4j", "electra4j-ids", "djl-huggingface"})
  String engine;

  /** One: none of the engines is asked for more. */
  @Param("1")
  int threads;

  private TokenizerEngine tokenizer;
  private List<String> lines;
  private double megabytes;

  /** Rates of a pass over the text. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Rates {
    /** MB/s of UTF-8. */
    public double megabytes;

    public double tokens;
  }

  /** Loads the engine and compares its ids with ours, line by line. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    if (threads != 1) {
      throw new IllegalArgumentException("threads must be 1, got " + threads + ".");
    }
    lines = Workspace.corpusLines();
    megabytes =
        1e-6 * lines.stream().mapToLong(l -> l.getBytes(StandardCharsets.UTF_8).length).sum();
    tokenizer = TokenizerEngine.open(engine);
    try (TokenizerEngine yardstick = TokenizerEngine.open(YARDSTICK)) {
      TokenizerEngine.requireSame(tokenizer, yardstick, lines);
    }
  }

  /** Encodes every line. */
  @Benchmark
  public long tokenize(Rates rates) {
    long tokens = tokenizer.encode(lines);
    rates.megabytes += megabytes;
    rates.tokens += tokens;
    return tokens;
  }

  /** Frees the engine. */
  @TearDown(Level.Trial)
  public void tearDown() {
    tokenizer.close();
  }
}
