package org.electra4j.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.electra4j.Device;
import org.electra4j.autograd.Context;
import org.electra4j.autograd.LossOps;
import org.electra4j.backend.Backend;
import org.electra4j.backend.Backends;
import org.electra4j.backend.MeasuringBackend;
import org.electra4j.backend.ProfilingBackend;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.PackedBatch;
import org.electra4j.model.TaskDescription;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.ParameterStore;
import org.electra4j.optim.AdamW;
import org.electra4j.optim.LayerwiseRates;
import org.electra4j.tensor.Arena;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One fine-tuning step of a classifier on the texts of a task, packed: forward with dropout, summed
 * loss, backward, clipping, AdamW with a rate of its own for each layer.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class FinetuneStepBench extends FinetuneBench {
  private static final double LEARNING_RATE = 3e-4;
  private static final double LAYERWISE_DECAY = 0.8;

  @Param("32")
  int batch;

  /** Whether to time every kernel and print where a step's time goes. */
  @Param("false")
  boolean profile;

  private FinetuneData examples;
  private ProfilingBackend profiling;
  private Backend backend;
  private ParameterStore store;
  private TaskNetwork network;
  private AdamW optimizer;
  private Arena.Plan plan;
  private Arena arena;
  private long step;

  /** Reads the task and makes network, optimizer and the memory of a step. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    examples = read(batch);
    TaskDescription description = classifier(examples);
    backend = Backends.create(Device.CPU, precision(), threads);
    if (profile) {
      profiling = new ProfilingBackend(backend);
      backend = profiling.backend();
    }
    store = new ParameterStore(backend);
    network = TaskNetwork.create(store, description);
    store.allocate(true);
    store.initialize(1);
    AdamW.Options recipe = AdamW.Options.electra();
    AdamW.Options options =
        new AdamW.Options(
            recipe.beta1(),
            recipe.beta2(),
            recipe.epsilon(),
            0,
            recipe.maxGradNorm(),
            recipe.biasCorrection());
    int layers = description.config().numHiddenLayers();
    optimizer = new AdamW(store, options, new LayerwiseRates(LAYERWISE_DECAY, layers, false));
    Arena measuring = Arena.measuring();
    run(Context.training(MeasuringBackend.of(backend), measuring, 1, 0), examples.largestBatch());
    plan = measuring.plan();
    arena = Arena.allocate(backend, plan.bytes());
    Notes.add("planned_bytes", store.bytes(true) + plan.bytes());
  }

  private double run(Context c, FinetuneData.Batch next) {
    PackedBatch packed =
        PackedBatch.upload(c, next.ids(), next.types(), next.positions(), next.cuSeqlens());
    LossOps.Summed summed =
        LossOps.classes(
            c,
            network.features(c, packed, ElectraModel.TRAIN_ALL),
            network.logitsHead().output().weight(),
            network.logitsHead().output().bias(),
            c.upload(next.labels()),
            1);
    double loss = c.downloadDoubles(summed.sums())[0];
    c.tape().backward();
    return loss;
  }

  /** Leaves warm-up iterations out of the profile. */
  @Setup(Level.Iteration)
  public void forgetWarmUp() {
    if (profiling != null) {
      profiling.reset();
    }
  }

  /** Takes a step and returns its loss. */
  @Benchmark
  public double step(Rates rates) {
    FinetuneData.Batch next = examples.batches().get((int) (step % examples.batches().size()));
    arena.begin(plan);
    double loss = run(Context.training(backend, arena, 1, step), next);
    optimizer.gradientNorm();
    optimizer.update(LEARNING_RATE, step++);
    rates.examples += next.labels().length;
    rates.tokens += next.ids().length;
    if (profiling != null) {
      profiling.endStep();
    }
    return loss;
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
