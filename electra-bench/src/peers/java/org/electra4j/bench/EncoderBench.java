package org.electra4j.bench;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.electra4j.bench.engines.Cosines;
import org.electra4j.bench.engines.EncoderEngine;
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
 * Token ids to mean-pooled vectors, the same random weights in every engine, one engine a process.
 * Before it is timed, an engine's vectors must have the direction of our fp32 vectors.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EncoderBench {
  private static final String YARDSTICK = "electra4j-fp32";
  private static final int CLS = 101;
  private static final int SEP = 102;
  private static final int FIRST_WORD = 1_996;
  private static final int LAST_WORD = 29_000;

  @Param({
    "electra4j-bf16",
    "electra4j-fp32",
    "onnxruntime-fp32",
    "onnxruntime-int8",
    "djl-pytorch-fp32"
  })
  String engine;

  @Param("small")
  String preset;

  /** Sequences x tokens of each. */
  @Param({"1x16", "1x128", "8x128", "32x128", "8x512"})
  String shape;

  @Param("2")
  int threads;

  private EncoderEngine encoder;
  private int[][] ids;

  /** Loads the engine and compares it with ours. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    String[] sizes = shape.split("x");
    ids = new int[Integer.parseInt(sizes[0])][];
    Random random = new Random(1);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = random.ints(Integer.parseInt(sizes[1]), FIRST_WORD, LAST_WORD).toArray();
      ids[i][0] = CLS;
      ids[i][ids[i].length - 1] = SEP;
    }
    float[][] expected;
    try (EncoderEngine yardstick = EncoderEngine.open(YARDSTICK, preset, threads)) {
      expected = yardstick.embed(ids);
    }
    encoder = EncoderEngine.open(engine, preset, threads);
    Cosines.check(engine, encoder.embed(ids), expected);
  }

  /** Embeds the batch. */
  @Benchmark
  public float[][] embed() {
    return encoder.embed(ids);
  }

  /** Frees the engine. */
  @TearDown(Level.Trial)
  public void tearDown() {
    Notes.addPeakMemory();
    encoder.close();
  }
}
