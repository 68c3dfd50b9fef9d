package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;
import org.electra4j.backend.BackendException;
import org.electra4j.backend.QueuedStep;
import org.electra4j.kernels.CudaSimulator.Order;
import org.electra4j.train.NonFiniteException;
import org.electra4j.train.PretrainingRun;
import org.electra4j.train.TrainingListener;
import org.electra4j.train.TrainingListeners;
import org.electra4j.train.TrainingProgress;
import org.electra4j.train.TrainingSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Steps that are queued: on a card whose work runs as late as it may, captured into graphs. A run
 * whose calls are waited for one by one, as a profiled one is, says what they must give.
 */
@Tag("simulator")
class CudaSimStepTest {
  private static final CudaSimulator SIMULATOR = CudaSimulator.PLAIN;
  private static final int WARM_UP = 2;

  @TempDir Path folder;

  @BeforeEach
  void defer() {
    SIMULATOR.order(Order.FORWARD, 1);
    SIMULATOR.defer(true);
  }

  @AfterEach
  void repair() {
    SIMULATOR.defer(false);
    SIMULATOR.staleGraphs(false);
    System.clearProperty(CudaBackendProvider.GRAPH_PROPERTY);
  }

  private PretrainingConfig.Builder run() throws IOException {
    return PretrainingRun.in(folder, 40)
        .device(Device.cuda(0))
        .steps(8)
        .biasCorrection(false)
        .logEvery(4)
        .evalEvery(6)
        .batchSize(2)
        .evalBatches(1)
        .saveEvery(5);
  }

  private PretrainingResult train(
      PretrainingConfig.Builder builder, String name, TrainingListener... listeners)
      throws IOException {
    PretrainingConfig config = builder.output(folder.resolve(name)).build();
    List<TrainingListener> all = new ArrayList<>(List.of(listeners));
    all.add(TrainingListeners.metricsFile());
    return SimulatedBackendProvider.with(
        SIMULATOR, () -> ElectraTrainer.pretrain(config, all.toArray(TrainingListener[]::new)));
  }

  private PretrainingResult oneCallAtATime(PretrainingConfig.Builder builder) throws IOException {
    return train(builder, "one-at-a-time", TrainingListeners.profile(profile -> {}));
  }

  /** Returns the metrics file without what depends on time. */
  private static List<String> metrics(PretrainingResult result) throws IOException {
    return Files.readAllLines(result.model().resolveSibling("metrics.jsonl")).stream()
        .map(line -> line.replaceAll("\"(tokens_per_second|data_wait_share)\":[^,}]*", ""))
        .toList();
  }

  @Test
  void graphsChangeNothing() throws IOException {
    PretrainingResult expected = oneCallAtATime(run());
    System.setProperty(CudaBackendProvider.GRAPH_PROPERTY, "false");
    long[] before = SIMULATOR.graphs();
    PretrainingResult queued = train(run(), "queued");
    assertThat(SIMULATOR.graphs()).isEqualTo(before);
    System.setProperty(CudaBackendProvider.GRAPH_PROPERTY, "true");
    PretrainingResult graphs = train(run(), "graphs");
    long[] after = SIMULATOR.graphs();
    assertThat(after[2] - before[2]).as("graphs launched").isEqualTo(8 - WARM_UP);
    // A step with another sequence of calls makes a new graph, the others update the one before.
    assertThat(after[0] - before[0]).as("graphs made").isBetween(1L, 3L);
    assertThat(after[0] - before[0] + after[1] - before[1])
        .as("graphs made or updated")
        .isEqualTo(8 - WARM_UP);
    for (PretrainingResult result : List.of(queued, graphs)) {
      PretrainingRun.assertSameBytes(result.model(), expected.model());
      assertThat(metrics(result)).isEqualTo(metrics(expected)).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void aGraphWithValuesOfAnotherStepIsNoticed() throws IOException {
    // Of full batches, so that only values differ from step to step: seeds, positions, the rate.
    PretrainingConfig.Builder builder = run().evalEvery(0).saveEvery(0);
    PretrainingResult expected = train(builder, "right");
    SIMULATOR.staleGraphs(true);
    PretrainingResult stale = train(builder, "stale");
    assertThat(metrics(stale).get(0)).isNotEqualTo(metrics(expected).get(0));
    assertThat(PretrainingRun.reproducible(stale.model()))
        .isNotEqualTo(PretrainingRun.reproducible(expected.model()));
  }

  @Test
  void figuresArriveWhileTheNextStepRuns() throws IOException {
    List<Long> steps = new ArrayList<>();
    List<Long> ahead = new ArrayList<>();
    long before = SIMULATOR.graphs()[2];
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            assertThat(session.step()).isEqualTo(progress.step());
            steps.add(progress.step());
            ahead.add(SIMULATOR.graphs()[2] - before + WARM_UP - progress.step());
          }
        };
    train(run().saveEvery(0), "watched", watch);
    assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    // The steps that are logged, evaluated or last are waited for: 4, 6 and 8.
    assertThat(ahead.subList(2, 8)).containsExactly(1L, 0L, 1L, 0L, 1L, 0L);
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void everyObjectiveIsQueued(Objective objective) throws IOException {
    PretrainingConfig.Builder builder = run().objective(objective).steps(4).saveEvery(0);
    PretrainingResult expected = oneCallAtATime(builder);
    PretrainingResult queued = train(builder, "queued");
    PretrainingRun.assertSameBytes(queued.model(), expected.model());
    assertThat(metrics(queued)).isEqualTo(metrics(expected));
  }

  @Test
  void biasCorrectionAndAccumulationAreQueued() throws IOException {
    PretrainingConfig.Builder builder =
        run().steps(6).biasCorrection(true).gradientAccumulation(2).precision(Precision.BF16);
    PretrainingResult expected = oneCallAtATime(builder);
    PretrainingResult queued = train(builder, "queued");
    PretrainingRun.assertSameBytes(queued.model(), expected.model());
    assertThat(metrics(queued)).isEqualTo(metrics(expected));
  }

  @Test
  void aFailingListenerLosesNeitherOfTheTwoSteps() throws IOException {
    PretrainingResult expected = train(run(), "whole");
    TrainingListener failing =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 6) { // step 7 runs by then
              throw new IllegalStateException("no more disk for the log");
            }
          }
        };
    PretrainingConfig.Builder parts = run().evalEvery(0);
    assertThatThrownBy(() -> train(parts, "parts", failing)).hasMessage("no more disk for the log");
    assertThat(folder.resolve("parts/checkpoint-7")).isDirectory();
    PretrainingResult resumed =
        SimulatedBackendProvider.with(
            SIMULATOR, () -> ElectraTrainer.resume(folder.resolve("parts")));
    assertThat(resumed.steps()).isEqualTo(8);
    assertThat(resumed.model().resolve("model.safetensors"))
        .hasSameBinaryContentAs(expected.model().resolve("model.safetensors"));
  }

  @Test
  void aStoppedRunSavesTheStepThatWasRunning() throws IOException {
    PretrainingResult expected = train(run(), "whole");
    TrainingListener stop =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 6) {
              session.stop("enough");
            }
          }
        };
    PretrainingResult stopped = train(run().evalEvery(0), "parts", stop);
    assertThat(stopped.steps()).isEqualTo(7);
    PretrainingResult resumed =
        SimulatedBackendProvider.with(
            SIMULATOR, () -> ElectraTrainer.resume(folder.resolve("parts")));
    assertThat(resumed.model().resolve("model.safetensors"))
        .hasSameBinaryContentAs(expected.model().resolve("model.safetensors"));
  }

  @Test
  void divergenceIsNoticedOneStepLate() {
    assertThatThrownBy(
            () ->
                train(
                    run().steps(60).warmupSteps(0).generatorWeight(1e39).discriminatorWeight(1e39),
                    "diverging"))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageContaining("10 steps in a row");
  }

  @Test
  void aStepIsDoneWhenItIsAwaited() {
    try (Backend backend = SIMULATOR.open(Precision.FP32, 1)) {
      long memory = backend.alloc(1024);
      float[][] read = new float[5][1];
      QueuedStep[] steps = new QueuedStep[5];
      for (int i = 0; i < 5; i++) {
        float[] source = {i + 1};
        assertThat(backend.beginStep()).isTrue();
        backend.upload(memory, source, 0, 1);
        source[0] = -1; // it was taken away
        backend.addActivation(memory + 256, memory, i == 0 ? 0 : 1);
        backend.upload(memory + 256, new float[] {10 * i}, 0, 1);
        backend.addActivation(memory + 256, memory, 1);
        backend.download(memory + 256, read[i], 0, 1);
        steps[i] = backend.endStep();
        assertThat(read[i][0]).as("before step %d is awaited", i).isZero();
        if (i > 0) {
          steps[i - 1].await();
          assertThat(read[i - 1][0]).isEqualTo(11f * (i - 1) + 1);
        }
      }
      steps[4].await();
      assertThat(read[4][0]).isEqualTo(45);
      assertThatThrownBy(steps[1]::await).hasMessageContaining("the figures of step 1 are gone");
      backend.release(memory);
    }
  }

  @Test
  void whatAStepMayNotDo() {
    try (Backend backend = SIMULATOR.open(Precision.FP32, 1)) {
      backend.beginStep();
      assertThatThrownBy(backend::synchronize)
          .hasMessage("cuda:0: synchronize: a step does not wait for the card");
      assertThatThrownBy(backend::beginStep).hasMessageContaining("begun within a step");
      backend.endStep().await();
      backend.synchronize();
    }
  }

  @Test
  void aTokenThatIsNoneIsReportedByItsStep() {
    try (Backend backend = SIMULATOR.open(Precision.FP32, 1)) {
      long memory = backend.alloc(4096);
      backend.fillZero(memory, 4096);
      for (int id : new int[] {3, 2, 9, 1}) {
        backend.beginStep();
        backend.upload(memory, new int[] {id}, 0, 1);
        backend.embeddingForward(
            memory + 256,
            0,
            0,
            memory,
            memory + 64,
            memory + 64,
            memory + 512,
            memory + 1024,
            memory + 1024,
            memory + 2048,
            memory + 2048,
            1,
            8,
            4,
            1,
            1,
            1e-6f,
            0,
            1,
            0,
            1);
        QueuedStep step = backend.endStep();
        if (id < 4) {
          step.await();
        } else {
          assertThatThrownBy(step::await)
              .isInstanceOf(BackendException.class)
              .hasMessage("cuda:0: step: Token id 9 of token 0 is not in [0, 4).");
        }
      }
      backend.release(memory);
    }
  }

  @Test
  void thePropertyIsTrueOrFalse() {
    System.setProperty(CudaBackendProvider.GRAPH_PROPERTY, "no");
    assertThatThrownBy(() -> SIMULATOR.open(Precision.FP32, 1))
        .hasMessage("System property electra.cuda.graph is true or false, not 'no'.");
  }
}
