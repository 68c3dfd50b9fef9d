package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.electra4j.Device;
import org.electra4j.ElectraTrainer;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.Tying;
import org.electra4j.model.LoadReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PretrainerTest {
  @TempDir Path folder;

  @Test
  void aRunTellsItsListenersAndLeavesAModel() throws IOException {
    Recorder recorder = new Recorder();
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    PretrainingResult result = ElectraTrainer.pretrain(config, recorder);
    assertThat(result.steps()).isEqualTo(8);
    assertThat(result.stopped()).isEmpty();
    assertThat(result.model()).isEqualTo(config.output().resolve("model"));
    assertThat(recorder.steps).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    assertThat(recorder.validations).containsExactly(4L, 8L);
    assertThat(recorder.checkpoints).containsExactly(3L, 6L, 8L);
    assertThat(recorder.ended).isEqualTo(1);
    assertThat(recorder.losses).allMatch(Double::isFinite);
    assertThat(result.model().resolve("generator/model.safetensors")).exists();
    assertThat(config.output().resolve("result.json")).exists();
    assertThat(result.model().resolve("tokenizer.json")).exists();
  }

  @Test
  void resumingGivesTheBytesOfTheUninterruptedRun() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40);
    PretrainingResult whole =
        ElectraTrainer.pretrain(builder.output(folder.resolve("whole")).build());
    PretrainingConfig config = builder.output(folder.resolve("parts")).build();
    PretrainingResult first = ElectraTrainer.pretrain(config, new StopAt(4));
    assertThat(first.stopped()).contains("enough");
    assertThat(first.steps()).isEqualTo(4);
    PretrainingResult second = ElectraTrainer.resume(config.output(), new StopAt(5));
    assertThat(second.steps()).isEqualTo(5);
    PretrainingResult third = ElectraTrainer.resume(config.output());
    assertThat(third.steps()).isEqualTo(8);
    assertThat(third.tokens()).isEqualTo(whole.tokens());
    PretrainingRun.assertSameBytes(third.model(), whole.model());
  }

  @Test
  void resumingACompleteRunChangesNothing() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    PretrainingResult result = ElectraTrainer.pretrain(config);
    var before = PretrainingRun.reproducible(result.model());
    PretrainingResult again = ElectraTrainer.resume(config.output());
    assertThat(again.steps()).isEqualTo(8);
    assertThat(PretrainingRun.reproducible(again.model())).isEqualTo(before);
  }

  @Test
  void interruptingSavesAndReturns() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    TrainingListener interrupt =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 2) {
              Thread.currentThread().interrupt();
            }
          }
        };
    PretrainingResult result = ElectraTrainer.pretrain(config, interrupt);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.stopped()).contains("interrupted");
    assertThat(result.steps()).isEqualTo(2);
    assertThat(ElectraTrainer.resume(config.output()).steps()).isEqualTo(8);
  }

  @Test
  void aFailingListenerLosesNothing() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    TrainingListener failing =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 4) {
              throw new IllegalStateException("no more disk for the log");
            }
          }
        };
    assertThatThrownBy(() -> ElectraTrainer.pretrain(config, failing))
        .hasMessage("no more disk for the log");
    assertThat(config.output().resolve("checkpoint-4")).isDirectory();
    assertThat(ElectraTrainer.resume(config.output()).steps()).isEqualTo(8);
  }

  @Test
  void tellsItsMemoryBeforeTheFirstStepAndAfterTheLast() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 4).build();
    AtomicLong expected = new AtomicLong();
    TrainingListener asking =
        new TrainingListener() {
          @Override
          public void onTrainingBegin(TrainingSession session) {
            assertThat(session.parameterCount()).isPositive();
            assertThat(session.plannedBytes()).isGreaterThan(16 * session.parameterCount());
            expected.set(session.expectedPeakBytes().orElse(0));
            assertThat(expected.get() == 0 || expected.get() > session.plannedBytes()).isTrue();
          }
        };
    ElectraTrainer.pretrain(config, asking);
    JsonNode result = new JsonMapper().readTree(config.output().resolve("result.json").toFile());
    assertThat(result.get("expected_peak_rss_bytes").asLong()).isEqualTo(expected.get());
    assertThat(result.get("peak_rss_bytes").isNull()).isEqualTo(expected.get() == 0);
  }

  @Test
  void aSecondRunInTheFolderIsRefused() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    List<Throwable> refused = new ArrayList<>();
    TrainingListener second =
        new TrainingListener() {
          @Override
          public void onTrainingBegin(TrainingSession session) {
            try {
              ElectraTrainer.resume(config.output());
            } catch (IOException e) {
              refused.add(e);
            }
          }
        };
    ElectraTrainer.pretrain(config, second);
    assertThat(refused).hasSize(1);
    assertThat(refused.get(0)).hasMessageContaining("run");
    assertThatThrownBy(() -> ElectraTrainer.pretrain(config))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds a run already");
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void everyObjectiveTrainsAndSaves(Objective objective) throws IOException {
    Recorder recorder = new Recorder();
    PretrainingConfig config = PretrainingRun.in(folder, 40).objective(objective).build();
    PretrainingResult result = ElectraTrainer.pretrain(config, recorder);
    assertThat(result.steps()).isEqualTo(8);
    assertThat(recorder.losses).allMatch(Double::isFinite);
    assertThat(result.model().resolve("generator").toFile().exists())
        .isEqualTo(objective.hasGenerator());
  }

  @ParameterizedTest
  @EnumSource(Tying.class)
  void everyTyingResumes(Tying tying) throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40).tying(tying);
    PretrainingResult whole =
        ElectraTrainer.pretrain(builder.output(folder.resolve("whole")).build());
    PretrainingConfig config = builder.output(folder.resolve("parts")).build();
    ElectraTrainer.pretrain(config, new StopAt(4));
    PretrainingResult resumed = ElectraTrainer.resume(config.output());
    PretrainingRun.assertSameBytes(resumed.model(), whole.model());
  }

  @Test
  void allTokensMlmResumesWithItsGate() throws IOException {
    PretrainingConfig.Builder builder =
        PretrainingRun.in(folder, 40).objective(Objective.ALL_TOKENS_MLM).gradientAccumulation(2);
    PretrainingResult whole =
        ElectraTrainer.pretrain(builder.output(folder.resolve("whole")).build());
    PretrainingConfig config = builder.output(folder.resolve("parts")).build();
    ElectraTrainer.pretrain(config, new StopAt(4));
    PretrainingRun.assertSameBytes(ElectraTrainer.resume(config.output()).model(), whole.model());
  }

  @Test
  void continuesFromAModelWithFreshMoments() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40);
    PretrainingResult first =
        ElectraTrainer.pretrain(builder.output(folder.resolve("first")).build());
    PretrainingConfig config =
        builder
            .output(folder.resolve("second"))
            .initializeFrom(first.model())
            .steps(1) // the rate of the first step of a warmup is 0
            .build();
    PretrainingResult second = ElectraTrainer.pretrain(config);
    assertThat(PretrainingRun.reproducible(second.model()).get("model.safetensors"))
        .isEqualTo(PretrainingRun.reproducible(first.model()).get("model.safetensors"));
  }

  @Test
  void aModelToStartFromBringsItsShapesAndItsVocabulary() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40).generatorSize(1.0);
    PretrainingResult first =
        ElectraTrainer.pretrain(builder.output(folder.resolve("first")).build());
    deleteTraining(first.model());
    List<LoadReport> reports = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onTrainingBegin(TrainingSession session) {
            reports.addAll(session.initialization());
          }
        };
    PretrainingConfig config =
        PretrainingConfig.tiny() // other shapes, other fraction, no vocabulary
            .corpus(folder.resolve("text.txt"))
            .initializeFrom(first.model())
            .output(folder.resolve("second"))
            .device(Device.REFERENCE)
            .precision(Precision.FP32)
            .batchSize(4)
            .seqLength(24)
            .steps(2)
            .build();
    PretrainingResult second = ElectraTrainer.pretrain(config, listener);
    assertThat(second.steps()).isEqualTo(2);
    assertThat(reports).hasSize(2);
    assertThat(reports).allMatch(r -> r.missing().isEmpty() && r.unexpected().isEmpty());
  }

  @Test
  void reportsWhatAModelToStartFromLacks() throws IOException {
    PretrainingConfig.Builder builder = PretrainingRun.in(folder, 40);
    PretrainingResult mlm =
        ElectraTrainer.pretrain(
            builder.objective(Objective.MLM).output(folder.resolve("mlm")).build());
    List<LoadReport> reports = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onTrainingBegin(TrainingSession session) {
            reports.addAll(session.initialization());
          }
        };
    ElectraTrainer.pretrain(
        builder
            .objective(Objective.ELECTRA)
            .initializeFrom(mlm.model())
            .output(folder.resolve("electra"))
            .build(),
        listener);
    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).missing())
        .containsExactlyInAnyOrder(
            "discriminator_predictions.dense.weight",
            "discriminator_predictions.dense.bias",
            "discriminator_predictions.dense_prediction.weight",
            "discriminator_predictions.dense_prediction.bias");
    assertThat(reports.get(0).unexpected())
        .contains("generator_lm_head.bias", "generator_predictions.dense.weight")
        .hasSize(5);
  }

  private static void deleteTraining(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model.resolve("training"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(model.resolve("training"));
  }

  @ParameterizedTest
  @CsvSource({"100000,larger than the corpus"})
  void aBatchLargerThanTheCorpusIsRefused(int batch, String message) throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).batchSize(batch).build();
    assertThatThrownBy(() -> ElectraTrainer.pretrain(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void divergenceStopsTheRunAndKeepsTheLastGoodCheckpoint() throws IOException {
    PretrainingConfig config =
        PretrainingRun.in(folder, 40)
            .steps(60)
            .warmupSteps(0)
            .generatorWeight(1e39)
            .discriminatorWeight(1e39)
            .build();
    assertThatThrownBy(() -> ElectraTrainer.pretrain(config))
        .isInstanceOf(NonFiniteException.class)
        .hasMessageContaining("is not finite".replace("is", "was"))
        .hasMessageContaining("10 steps in a row");
  }

  private static final class StopAt implements TrainingListener {
    private final long step;

    StopAt(long step) {
      this.step = step;
    }

    @Override
    public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
      if (progress.step() == step) {
        session.stop("enough");
      }
    }
  }

  private static final class Recorder implements TrainingListener {
    private final List<Long> steps = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private final List<Long> validations = new ArrayList<>();
    private final List<Long> checkpoints = new ArrayList<>();
    private int ended;

    @Override
    public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
      steps.add(progress.step());
      losses.add(progress.loss());
    }

    @Override
    public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
      validations.add(metrics.step());
      assertThat(metrics.tokens()).isPositive();
    }

    @Override
    public void onCheckpoint(TrainingSession session, long step, Path directory) {
      assertThat(Files.isRegularFile(directory.resolve("training/state.json"))).isTrue();
      checkpoints.add(step);
    }

    @Override
    public void onTrainingEnd(TrainingSession session) {
      ended++;
    }
  }
}
