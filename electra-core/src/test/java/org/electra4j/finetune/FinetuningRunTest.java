package org.electra4j.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.electra4j.ElectraTrainer;
import org.electra4j.inference.RandomModel;
import org.electra4j.io.Safetensors;
import org.electra4j.train.PretrainingRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that stop, go on, repeat, fail or are asked for what cannot be. */
class FinetuningRunTest {
  @TempDir private static Path models;
  @TempDir private Path folder;

  @BeforeAll
  static void model() throws IOException {
    RandomModel.electra(models);
  }

  private FinetuningConfig.Builder quick(FinetuningConfig.Builder builder, String output) {
    return ToyTask.quick(builder, models, folder.resolve(output)).epochs(2.0);
  }

  /** Asks the run to stop after a step of a trial. */
  private static FinetuningListener stopAt(int trial, long step) {
    return new FinetuningListener() {
      @Override
      public void onTrainingBatch(FinetuningSession session, FinetuningProgress progress) {
        if (session.trial() == trial && progress.step() == step) {
          session.stop("it is enough");
        }
      }
    };
  }

  @Test
  void stoppedRunGoesOnToTheSameBytes() throws IOException {
    FinetuningConfig.Builder builder = ToyTask.classes();
    FinetuningConfig whole = quick(builder, "whole").dropout(0.1).trials(2).build();
    FinetuningConfig parts = quick(builder, "parts").dropout(0.1).trials(2).build();
    FinetuningResult expected = ElectraTrainer.finetune(whole);
    FinetuningResult first = ElectraTrainer.finetune(parts, stopAt(1, 7));
    assertThat(first.stopped()).contains("it is enough");
    assertThat(first.trials()).isEmpty();
    FinetuningResult second = ElectraTrainer.finetune(parts, stopAt(2, 11));
    assertThat(second.stopped()).contains("it is enough");
    assertThat(second.trials()).hasSize(1);
    FinetuningResult last = ElectraTrainer.finetune(parts);
    assertThat(last.stopped()).isEmpty();
    assertThat(last.summary()).isEqualTo(expected.summary());
    PretrainingRun.assertSameBytes(last.model(), expected.model());
    assertThat(parts.output().resolve("checkpoint")).doesNotExist();
    List<Long> steps = new ArrayList<>();
    FinetuningResult again =
        ElectraTrainer.finetune(
            parts,
            new FinetuningListener() {
              @Override
              public void onTrainingBatch(FinetuningSession s, FinetuningProgress progress) {
                steps.add(progress.step());
              }
            });
    assertThat(steps).as("steps of a run that was complete").isEmpty();
    assertThat(again.summary()).isEqualTo(expected.summary());
  }

  @Test
  void interruptedRunSavesAndReturns() throws IOException {
    FinetuningConfig config = quick(ToyTask.tags(), "run").build();
    FinetuningResult result =
        ElectraTrainer.finetune(
            config,
            new FinetuningListener() {
              @Override
              public void onTrainingBatch(FinetuningSession s, FinetuningProgress progress) {
                if (progress.step() == 5) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.stopped()).contains("interrupted");
    assertThat(result.model()).isEqualTo(config.output());
    assertThat(TrialState.read(config.output().resolve("checkpoint")).step()).isEqualTo(5);
  }

  @Test
  void trialsDifferBySeedAndTheBestIsKept() throws IOException {
    FinetuningConfig config = quick(ToyTask.tags(), "run").trials(3).seed(40).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    assertThat(result.trials()).extracting(TrialResult::seed).containsExactly(40L, 41L, 42L);
    List<Double> f1 = result.trials().stream().map(TrialResult::main).toList();
    assertThat(f1.stream().distinct().count()).isGreaterThan(1);
    ScoreSummary summary = result.summary().get("words").get("f1");
    double best = f1.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    assertThat(summary.best()).isEqualTo(best);
    Path trial = config.output().resolve("trial-" + (1 + f1.indexOf(best)));
    assertThat(Files.mismatch(trial.resolve("model.safetensors"), model(result))).isEqualTo(-1);
    assertThat(result.ensemble().get("words").get("f1")).isBetween(0.0, 1.0);
  }

  private static Path model(FinetuningResult result) {
    return result.model().resolve(Safetensors.MODEL_FILE);
  }

  @Test
  void trialAtChanceLevelIsReportedAndTheNextSeedTakesItsPlace() throws IOException {
    FinetuningConfig config =
        quick(ToyTask.classes(), "run").epochs(4.0).classWeights(ClassWeights.of(0, 1)).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    assertThat(result.trials()).hasSize(2).allMatch(TrialResult::degenerate);
    assertThat(result.counted()).hasSize(2);
  }

  @Test
  void earlyStoppingKeepsTheBestWeights() throws IOException {
    List<Double> seen = new ArrayList<>();
    FinetuningConfig config =
        quick(ToyTask.classes(), "run").epochs(30.0).evalEvery(10).patience(2).build();
    FinetuningResult result =
        ElectraTrainer.finetune(
            config,
            new FinetuningListener() {
              @Override
              public void onValidation(FinetuningSession s, List<Evaluation> evaluations) {
                seen.add(evaluations.get(0).main());
              }
            });
    TrialResult trial = result.trials().get(0);
    assertThat(trial.steps()).isLessThan(450);
    double best = seen.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    assertThat(seen.subList(seen.indexOf(best) + 1, seen.size())).hasSize(2);
    assertThat(trial.main()).isEqualTo(best);
  }

  @Test
  void frozenLayersKeepTheirBytes() throws IOException {
    FinetuningConfig config = quick(ToyTask.tags(), "run").frozenLayers(1).weightDecay(0.1).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    try (Safetensors before = Safetensors.open(models);
        Safetensors after = Safetensors.open(result.model())) {
      for (String name : after.tensors().keySet()) {
        if (!name.startsWith("electra.")) {
          continue;
        }
        boolean frozen = name.startsWith("electra.embeddings") || name.contains("encoder.layer.0.");
        boolean same = Arrays.equals(before.readFloats(name), after.readFloats(name));
        assertThat(same).as(name).isEqualTo(frozen);
      }
    }
  }

  @Test
  void fromScratchLeavesTheWeightsAside() throws IOException {
    FinetuningConfig config =
        quick(ToyTask.tags(), "run").fromScratch(true).learningRate(1e-12).build();
    FinetuningResult result = ElectraTrainer.finetune(config);
    String name = "electra.encoder.layer.0.intermediate.dense.weight";
    try (Safetensors after = Safetensors.open(result.model())) {
      double squares = 0;
      float[] values = after.readFloats(name);
      for (float value : values) {
        squares += (double) value * value;
      }
      // of a normal distribution that is cut at two deviations
      assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.0176, within(0.001));
    }
  }

  @Test
  void balancedWeightsAreThoseOfScikitLearn() {
    int[] labels = {0, 0, 0, 1, -1, 3};
    assertThat(ClassWeights.balanced().resolve(labels, 4))
        .containsExactly(5.0 / 12, 5.0 / 4, 1, 5.0 / 4);
    assertThat(ClassWeights.none().resolve(labels, 4)).isNull();
    assertThat(ClassWeights.of(1, 2, 3, 4).resolve(labels, 4)).containsExactly(1, 2, 3, 4);
    assertThatThrownBy(() -> ClassWeights.of(1, 2).resolve(labels, 4))
        .hasMessage("There are 2 class weights, but the task has 4 labels.");
    assertThatThrownBy(() -> ClassWeights.of(-1))
        .hasMessage("Class weights must be zero or positive numbers, but one is -1.0.");
  }

  @Test
  void summaryIsThatOfASample() {
    ScoreSummary summary = ScoreSummary.of(4, 1, 2, 9);
    assertThat(summary.median()).isEqualTo(3);
    assertThat(summary.mean()).isEqualTo(4);
    assertThat(summary.deviation()).isCloseTo(3.5590260840104371, within(1e-12));
    assertThat(summary.best()).isEqualTo(9);
  }

  @Test
  void anotherRunInTheFolderIsRefused() throws IOException {
    ElectraTrainer.finetune(quick(ToyTask.tags(), "run").build());
    FinetuningConfig other = quick(ToyTask.tags(), "run").batchSize(4).build();
    assertThatThrownBy(() -> ElectraTrainer.finetune(other))
        .isInstanceOf(IOException.class)
        .hasMessage(
            other.output()
                + " holds another fine-tuning run: batch_size was 8 and is now 4; choose another"
                + " output folder.");
    FinetuningConfig task = quick(ToyTask.classes(), "run").build();
    assertThatThrownBy(() -> ElectraTrainer.finetune(task))
        .hasMessageContaining("it has no task chef");
  }

  @Test
  void whatCannotBeIsSaid() {
    Map<String, FinetuningConfig.Builder> wrong =
        Map.of(
            "There is no model: name the directory to start from.",
            quick(ToyTask.tags(), "run").model(null),
            "There is no output folder.",
            quick(ToyTask.tags(), "run").output(null),
            "batchSize must be positive, but is 0.",
            quick(ToyTask.tags(), "run").batchSize(0),
            "learningRate must be in (0, 1), but is 2.0.",
            quick(ToyTask.tags(), "run").learningRate(2.0),
            "warmupShare must be in [0, 1), but is 1.0.",
            quick(ToyTask.tags(), "run").warmupShare(1),
            "maxLength must be at least 8, but is 7.",
            quick(ToyTask.tags(), "run").maxLength(7));
    wrong.forEach(
        (message, builder) ->
            assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message));
  }

  @Test
  void whatDoesNotFitTheModelIsSaid() {
    refused(
        quick(ToyTask.tags(), "run").maxLength(38),
        "maxLength is 38, but the model has 37 positions; use at most as many.");
    refused(
        quick(ToyTask.tags(), "run").frozenLayers(3),
        "frozenLayers is 3, but the model has 2 layers.");
    refused(
        quick(ToyTask.numbers(), "run").classWeights(ClassWeights.balanced()),
        "Task chefs has no classes, so it cannot have class weights.");
    refused(
        quick(ToyTask.tags(), "run").model(folder.resolve("missing")),
        folder.resolve("missing") + ": the model directory does not exist");
    assertThat(folder.resolve("run/finetune.json")).doesNotExist();
  }

  @Test
  void aModelOfNoRunIsNotReplaced() throws IOException {
    Path model = Files.createDirectories(folder.resolve("run/model"));
    refused(
        quick(ToyTask.tags(), "run"),
        folder.resolve("run") + " holds a model of no run; choose another output folder.");
    assertThat(model).isEmptyDirectory();
  }

  private static void refused(FinetuningConfig.Builder builder, String message) {
    assertThatThrownBy(() -> ElectraTrainer.finetune(builder.build())).hasMessage(message);
  }
}
