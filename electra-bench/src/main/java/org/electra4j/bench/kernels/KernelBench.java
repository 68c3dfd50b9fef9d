package org.electra4j.bench.kernels;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Precision;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * What the benchmarks of kernels share: sizes, backend and rates. The work of a call is a formula
 * that each benchmark states; JMH divides it by the time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public abstract class KernelBench {
  static final float DROPOUT = 0.1f;
  static final float EPS = 1e-12f;
  static final long SEED = 1;
  static final int STREAM = 3;

  /** Calls on a card for each wait: waiting takes as long as a small kernel. */
  private static final int CALLS_PER_WAIT = 64;

  private static final int FIRST_WORD = 1_000;
  private static final double MASKED_SHARE = 0.15;

  @Param({"BF16", "FP32"})
  Precision precision;

  /** A preset of {@link ElectraConfig}, or {@code tiny} to see that it runs. */
  @Param({"small", "base"})
  String size;

  @Param("4096")
  int tokens;

  @Param("2")
  int threads;

  /** A {@link Device}. */
  @Param("cpu")
  String device;

  Backend backend;
  ElectraConfig model;
  Operands operands;
  private Ceilings ceilings;
  private int calls;
  private long step;

  /** Rates of a kernel that computes. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class ComputeRates {
    /** GFLOP/s. */
    public double gigaflops;

    /** Percent of a large square product, {@link Ceilings#gemmGigaflops}. */
    public double percentOfCeiling;
  }

  /** Rates of a kernel that moves memory; every operand counts once. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class MemoryRates {
    /** GB/s. */
    public double gigabytes;

    /** Percent of a copy that touches as many bytes, {@link Ceilings#copyGigabytes}. */
    public double percentOfCeiling;
  }

  /** Makes backend and operands. */
  @Setup(Level.Trial)
  public final void setUp() {
    model =
        switch (size) {
          case "tiny" -> ElectraConfig.tiny();
          case "small" -> ElectraConfig.small();
          case "base" -> ElectraConfig.base();
          case "large" -> ElectraConfig.large();
          default ->
              throw new IllegalArgumentException(
                  "size must be tiny, small, base or large, got " + size + ".");
        };
    backend = Backends.create(Device.parse(device), precision, threads);
    operands = new Operands(backend);
    ceilings = new Ceilings(backend, size.equals("tiny"));
    allocate();
    backend.synchronize();
  }

  /** Makes the operands of the kernel. */
  abstract void allocate();

  /** Frees what is not among the operands. */
  void free() {}

  /** Frees everything. */
  @TearDown(Level.Trial)
  public final void tearDown() {
    free();
    operands.close();
    backend.close();
  }

  /** Waits for the kernel, on a card after many calls, and counts its floating-point operations. */
  final void count(ComputeRates rates, double flops) {
    await();
    rates.gigaflops += 1e-9 * flops;
    rates.percentOfCeiling += 100 * 1e-9 * flops / ceilings.gemmGigaflops();
  }

  /** Waits likewise and counts the bytes that the kernel has to read and write. */
  final void count(MemoryRates rates, double bytes) {
    await();
    rates.gigabytes += 1e-9 * bytes;
    rates.percentOfCeiling += 100 * 1e-9 * bytes / ceilings.copyGigabytes((long) bytes);
  }

  private void await() {
    if (!backend.device().startsWith("cuda") || ++calls % CALLS_PER_WAIT == 0) {
      backend.synchronize();
    }
  }

  /** Returns the next position of the random numbers. */
  final long nextStep() {
    return step++;
  }

  /** Returns the masked positions of the tokens, 15 %. */
  final int masked() {
    return Math.max(1, (int) Math.round(MASKED_SHARE * tokens));
  }

  /** Returns as many ids of words. */
  final int[] wordIds(int count) {
    return new Random(2).ints(count, FIRST_WORD, model.vocabSize()).toArray();
  }

  /** Returns {@code count} rows of the tokens, ascending, evenly spread. */
  final int[] rows(int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = (int) ((long) i * tokens / count);
    }
    return rows;
  }

  /** Returns the offsets of sequences of one length; the last one is cut to the tokens. */
  final int[] offsets(int seqLength) {
    int sequences = (tokens + seqLength - 1) / seqLength;
    int[] offsets = new int[sequences + 1];
    for (int i = 0; i <= sequences; i++) {
      offsets[i] = Math.min(tokens, i * seqLength);
    }
    return offsets;
  }
}
