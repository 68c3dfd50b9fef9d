package org.electra4j.bench;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.Tying;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.backend.MeasuringBackend;
import org.electra4j.backend.ProfilingBackend;
import org.electra4j.backend.QueuedStep;
import org.electra4j.bench.kernels.Ceilings;
import org.electra4j.model.ElectraPretraining;
import org.electra4j.model.MaskingOptions;
import org.electra4j.model.PretrainingNetworks;
import org.electra4j.model.PretrainingOutputs;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.electra4j.tensor.Arena;
import org.electra4j.train.Flops;
import org.electra4j.train.ProcessMemory;
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
 * One whole pre-training step: forward, backward, clipping, AdamW, on full sequences of random
 * tokens. Beside the steps it reports tokens, examples and loss-bearing positions per second, and
 * GFLOP/s as {@link Flops#trainingSequence} counts them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class PretrainStepBench {
  private static final int FIRST_WORD = 1_000;
  private static final int CLS = 101;
  private static final int SEP = 102;
  private static final int MASK = 103;

  /** An {@link Objective}, in any case. */
  @Param({"electra", "mlm"})
  String objective;

  /** {@code tiny}, {@code small}, {@code base} or {@code large}. */
  @Param("small")
  String preset;

  /** {@code fp32} or {@code bf16}, in any case. */
  @Param("bf16")
  String precision;

  @Param("32")
  int batch;

  @Param("128")
  int seqLength;

  @Param("2")
  int threads;

  /** A {@link Device}. */
  @Param("cpu")
  String device;

  /** Whether to time every kernel and print where a step's time goes. */
  @Param("false")
  boolean profile;

  private ProfilingBackend profiling;
  private Objective trained;
  private Backend backend;
  private ParameterStore store;
  private ElectraPretraining pretraining;
  private AdamW optimizer;
  private Arena arena;
  private Arena.Plan plan;
  private Ceilings ceilings;
  private double gigaflopsPerStep;
  private int[] ids;
  private int[] types;
  private int[] positions;
  private int[] cuSeqlens;
  private long step;
  private QueuedStep before;
  private Supplier<PretrainingOutputs> figuresBefore;

  /** Counts that JMH divides by the time of the iteration. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Rates {
    public long tokens;
    public long examples;
    public long lossBearingPositions;
    public double gigaflops;

    /** Percent of a large square product through the backend, measured before the steps. */
    public double percentOfCeiling;
  }

  /** Makes networks, optimizer and the memory of a step. */
  @Setup(Level.Trial)
  public void setUp() {
    trained = Objective.valueOf(objective.toUpperCase(Locale.ROOT));
    PretrainingConfig config =
        PretrainingConfig.preset(preset)
            .objective(trained)
            .corpus(Path.of("none"))
            .vocabulary(Path.of("none"))
            .output(Path.of("none"))
            .seqLength(seqLength)
            .build();
    ElectraConfig model = config.model();
    ElectraConfig generator =
        trained.hasGenerator() ? config.generatorConfig(model.vocabSize()) : null;
    backend =
        Backends.create(
            Device.parse(device), Precision.valueOf(precision.toUpperCase(Locale.ROOT)), threads);
    ceilings = new Ceilings(backend, false);
    Notes.add("gemm_gigaflops", ceilings.gemmGigaflops());
    if (profile) {
      profiling = new ProfilingBackend(backend);
      backend = profiling.backend();
    }
    OptionalLong resident = ProcessMemory.resident();
    store = new ParameterStore(backend);
    PretrainingNetworks networks =
        new PretrainingNetworks(store, trained, Tying.EMBEDDINGS, model, generator);
    store.allocate(true);
    store.initialize(1);
    MaskingOptions masking =
        new MaskingOptions((float) config.maskProb(), 0.85f, false, 1, seqLength, CLS, SEP, MASK);
    pretraining = new ElectraPretraining(networks, masking, 1, 50);
    optimizer = new AdamW(store, AdamW.Options.electra());
    fillBatch(model.vocabSize());
    Arena measuring = Arena.measuring();
    queue(Context.training(MeasuringBackend.of(backend), measuring, 1, 0));
    plan = measuring.plan();
    arena = Arena.allocate(backend, plan.bytes());
    gigaflopsPerStep =
        1e-9
            * batch
            * Flops.trainingSequence(trained, model, generator, seqLength, config.maskProb());
    ProcessMemory.expectedPeak(resident, plannedBytes())
        .ifPresent(bytes -> Notes.add("announced_bytes", bytes));
  }

  private void fillBatch(int vocabSize) {
    int tokens = batch * seqLength;
    Random random = new Random(1);
    ids = new int[tokens];
    types = new int[tokens];
    positions = new int[tokens];
    cuSeqlens = new int[batch + 1];
    for (int i = 0; i < tokens; i++) {
      ids[i] = FIRST_WORD + random.nextInt(vocabSize - FIRST_WORD);
      positions[i] = i % seqLength;
    }
    for (int i = 0; i <= batch; i++) {
      cuSeqlens[i] = i * seqLength;
    }
  }

  private Supplier<PretrainingOutputs> queue(Context context) {
    return pretraining.queue(context, ids, types, positions, cuSeqlens, 1);
  }

  /** Returns the bytes of parameters, gradients, moments and a step's tensors. */
  public long plannedBytes() {
    return store.bytes(true) + plan.bytes();
  }

  /** Leaves warm-up iterations out of the profile. */
  @Setup(Level.Iteration)
  public void forgetWarmUp() {
    if (profiling != null) {
      profiling.reset();
    }
  }

  /** Takes a step. */
  @Benchmark
  public PretrainingOutputs step(Rates rates) {
    boolean queued = backend.beginStep();
    arena.begin(plan);
    Supplier<PretrainingOutputs> figures = queue(Context.training(backend, arena, 1, step));
    optimizer.queueGradientNorm();
    optimizer.update(5e-4, step++);
    QueuedStep handed = backend.endStep();
    // As in training: the figures of a queued step are read while the next one runs.
    boolean early = queued && figuresBefore != null;
    (early ? before : handed).await();
    PretrainingOutputs outputs = (early ? figuresBefore : figures).get();
    before = handed;
    figuresBefore = figures;
    rates.tokens += ids.length;
    rates.examples += batch;
    rates.lossBearingPositions +=
        trained == Objective.MLM ? outputs.maskedTokens() : outputs.mainTokens();
    rates.gigaflops += gigaflopsPerStep;
    rates.percentOfCeiling += 100 * gigaflopsPerStep / ceilings.gemmGigaflops();
    if (profiling != null) {
      profiling.endStep();
    }
    return outputs;
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void tearDown() {
    Notes.addPeakMemory();
    if (profiling != null) {
      System.out.println("\nOne step of the last iteration:\n" + profiling.profile());
    }
    optimizer.close();
    arena.close();
    store.close();
    backend.close();
  }
}
