package org.electra4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.ElectraConfig;
import org.electra4j.ElectraTrainer;
import org.electra4j.Objective;
import org.electra4j.Precision;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.train.PretrainingRun;
import org.electra4j.train.TrainingListener;
import org.electra4j.train.TrainingProgress;
import org.electra4j.train.TrainingSession;
import org.electra4j.train.ValidationMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CpuPretrainingTest {
  @TempDir Path folder;

  private PretrainingConfig.Builder run(int documents) throws IOException {
    return PretrainingRun.in(folder, documents).device(Device.CPU).threads(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void killedRunsResumeToTheSameBytesWithOtherThreads(Precision precision) throws IOException {
    PretrainingConfig.Builder builder = run(60).precision(precision).steps(12).saveEvery(5);
    PretrainingResult whole =
        ElectraTrainer.pretrain(builder.output(folder.resolve("whole")).build());
    PretrainingConfig config = builder.output(folder.resolve("parts")).threads(1).build();
    ElectraTrainer.pretrain(config, stopAt(7));
    PretrainingResult resumed = ElectraTrainer.resume(config.output(), 3);
    assertThat(resumed.steps()).isEqualTo(12);
    PretrainingRun.assertSameBytes(resumed.model(), whole.model());
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void everyObjectiveLearns(Objective objective) throws IOException {
    List<ValidationMetrics> validations = new ArrayList<>();
    ElectraConfig model =
        run(400).build().model().withEmbeddingSize(32).withHeads(64, 2).withIntermediateSize(128);
    ElectraTrainer.pretrain(
        run(400)
            .model(model)
            .objective(objective)
            .precision(Precision.FP32)
            .steps(600)
            .batchSize(32)
            .warmupSteps(60)
            .learningRate(3e-3)
            .saveEvery(0)
            .evalEvery(300)
            .build(),
        recorder(validations));
    ValidationMetrics last = validations.get(validations.size() - 1);
    // The unigram rate of the toy language is below 0.3; its subject decides the verb and the end.
    assertThat(last.maskedLmAccuracy()).isGreaterThan(0.5);
    if (objective == Objective.ELECTRA) {
      // Half of the generator's mistakes are as likely as the originals: 0.5 is chance, 1
      // impossible.
      assertThat(last.discriminator().auc()).isGreaterThan(0.6);
    }
  }

  @Test
  void nothingLeaksOverManySteps() throws IOException {
    List<Long> resident = new ArrayList<>();
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() % 250 == 0) {
              resident.add(residentBytes());
            }
          }
        };
    ElectraTrainer.pretrain(
        run(60).precision(Precision.FP32).steps(1_000).saveEvery(0).evalEvery(0).build(), watch);
    assertThat(resident).hasSize(4);
    assertThat(resident.get(3) - resident.get(1))
        .as("growth of resident memory over 500 steps, in bytes")
        .isLessThan(16L << 20);
  }

  private static long residentBytes() {
    System.gc();
    try {
      String statm = java.nio.file.Files.readString(Path.of("/proc/self/statm"));
      return Long.parseLong(statm.split(" ")[1]) * 4096;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static TrainingListener stopAt(long step) {
    return new TrainingListener() {
      @Override
      public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
        if (progress.step() == step) {
          session.stop("enough");
        }
      }
    };
  }

  private static TrainingListener recorder(List<ValidationMetrics> validations) {
    return new TrainingListener() {
      @Override
      public void onValidationBatch(TrainingSession session, ValidationMetrics metrics) {
        validations.add(metrics);
      }
    };
  }
}
