package org.electra4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.electra4j.ElectraTrainer;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.io.FileFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingListenersTest {
  private static final String[] KEYS = {
    "step",
    "loss",
    "generator_loss",
    "discriminator_loss",
    "masked_lm_accuracy",
    "disc_auc",
    "disc_precision",
    "disc_recall",
    "disc_balanced_accuracy",
    "learning_rate",
    "grad_norm",
    "tokens_per_second",
    "data_wait_share"
  };

  @TempDir Path folder;

  @Test
  void metricsHaveTheirKeysAndEveryStepOnce() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    Path metrics = config.output().resolve("metrics.jsonl");
    ElectraTrainer.pretrain(config, TrainingListeners.metricsFile(), stopAt(6));
    Files.writeString(
        metrics,
        "{\"step\":8,\"loss\":1}\n{\"step\":8,\"eval_gen",
        StandardCharsets.UTF_8,
        StandardOpenOption.APPEND);
    ElectraTrainer.resume(config.output(), TrainingListeners.metricsFile());
    List<JsonNode> lines = lines(metrics);
    assertThat(lines.stream().filter(l -> l.has("loss")).map(l -> l.get("step").asLong()))
        .containsExactly(2L, 4L, 6L, 8L);
    assertThat(lines.stream().filter(l -> !l.has("loss")).map(l -> l.get("step").asLong()))
        .containsExactly(4L, 8L);
    assertThat(lines.get(0).fieldNames()).toIterable().containsExactly(KEYS);
    assertThat(lines.get(0).get("loss").isNumber()).isTrue();
    JsonNode evaluation = lines.stream().filter(l -> !l.has("loss")).findFirst().orElseThrow();
    assertThat(evaluation.fieldNames())
        .toIterable()
        .containsExactly(
            "step",
            "eval_generator_loss",
            "eval_discriminator_loss",
            "eval_masked_lm_accuracy",
            "eval_disc_auc",
            "eval_disc_precision",
            "eval_disc_recall",
            "eval_disc_balanced_accuracy");
  }

  @ParameterizedTest
  @EnumSource(Objective.class)
  void everyObjectiveNamesItsLosses(Objective objective) throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).objective(objective).steps(2).build();
    ElectraTrainer.pretrain(config, TrainingListeners.basic());
    JsonNode line = lines(config.output().resolve("metrics.jsonl")).get(0);
    assertThat(line.fieldNames()).toIterable().contains(KEYS);
    boolean discriminator = !objective.isLanguageModel();
    assertThat(line.get("discriminator_loss").isNumber()).isEqualTo(discriminator);
    assertThat(line.get("disc_auc").isNumber()).isEqualTo(discriminator);
    assertThat(line.has("language_model_loss"))
        .isEqualTo(objective == Objective.REPLACE_MLM || objective == Objective.ALL_TOKENS_MLM);
    assertThat(line.get("generator_loss").isNumber()).isTrue();
    assertThat(config.output().resolve("curves.svg")).content().contains("</svg>");
  }

  @Test
  void aBadLineOfMetricsIsNamed() throws IOException {
    Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\":1}\nnonsense\n");
    assertThatThrownBy(() -> MetricsLines.truncate(metrics, 5))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("metrics.jsonl")
        .hasMessageContaining("line 2");
  }

  @Test
  void interruptingLosesNoLine() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    List<TrainingListener> listeners = new ArrayList<>();
    listeners.add(
        new TrainingListener() {
          @Override
          public void onTrainingBatch(TrainingSession session, TrainingProgress progress) {
            if (progress.step() == 4) {
              Thread.currentThread().interrupt();
            }
          }
        });
    listeners.addAll(List.of(TrainingListeners.basic()));
    listeners.add(TrainingListeners.tensorBoard(folder.resolve("events")));
    PretrainingResult result =
        ElectraTrainer.pretrain(config, listeners.toArray(TrainingListener[]::new));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.stopped()).contains("interrupted");
    List<JsonNode> lines = lines(config.output().resolve("metrics.jsonl"));
    assertThat(lines).extracting(l -> l.get("step").asLong()).startsWith(2L, 4L);
    assertThat(config.output().resolve("curves.svg")).content().contains("step 4 of 8");
    assertThat(eventFiles()).hasSize(1);
  }

  @Test
  void tensorBoardGetsItsTags() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    ElectraTrainer.pretrain(config, TrainingListeners.tensorBoard(folder.resolve("events")));
    assertThat(eventFiles()).hasSize(1);
    String bytes = Files.readString(eventFiles().get(0), StandardCharsets.ISO_8859_1);
    assertThat(bytes)
        .contains("train/loss", "train/generator_loss", "train/discriminator_loss")
        .contains("train/masked_lm_accuracy", "train/disc_auc", "eval/disc_auc")
        .contains("learning_rate", "grad_norm", "tokens_per_second", "data_wait_share");
  }

  @Test
  void plainProgressIsALinePerLogAndValidation() throws IOException {
    PretrainingConfig config = PretrainingRun.in(folder, 40).build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ElectraTrainer.pretrain(config, TrainingListeners.progressLines(out));
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines.stream().filter(l -> l.startsWith("step") && !l.contains("held-out")))
        .hasSize(4)
        .allMatch(l -> l.matches("step \\d/8  loss .*gen acc .*AUC .*tok/s  \\d+:\\d\\d left"));
    assertThat(lines.stream().filter(l -> l.contains("held-out"))).hasSize(2);
  }

  @Test
  void theBarFitsItsLine() {
    List<String> fields =
        List.of("700/2,000", "1:23 left", "loss 12.35", "acc 31.0%", "AUC 0.931", "8123 tok/s");
    String line = TerminalBar.render("", 700, 2000, fields, 79);
    assertThat(line).hasSize(79).startsWith("[===>     ]").contains(fields);
    assertThat(TerminalBar.render("", 700, 2000, fields, 40))
        .hasSize(40)
        .contains("700/2,000")
        .doesNotContain("acc");
    assertThat(TerminalBar.render("corpus", 5, -1, List.of(), 20))
        .isEqualTo("corpus              ");
    assertThat(TerminalBar.render("corpus", 5, 5, List.of("100.0%"), 60))
        .startsWith("corpus [==============================]  100.0%");
  }

  @Test
  void theBarIsDrawnOverOneLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    TrainingListener bar = new ProgressBarListener(new TerminalBar(out, 79), System::nanoTime);
    ElectraTrainer.pretrain(PretrainingRun.in(folder, 40).build(), bar);
    String shown = bytes.toString(StandardCharsets.UTF_8);
    assertThat(shown)
        .contains("8/8")
        .contains("tok/s")
        .contains("corpus [====")
        .contains("AUC")
        .contains("held-out");
  }

  @Test
  void durationsReadAsPeopleWriteThem() {
    assertThat(ProgressText.duration(83)).isEqualTo("1:23");
    assertThat(ProgressText.duration(3723)).isEqualTo("1:02:03");
    assertThat(ProgressText.duration(90_000)).isEqualTo("1 day 1:00:00");
    assertThat(ProgressText.rate(8123.4)).isEqualTo("8123 tok/s");
    assertThat(ProgressText.rate(81_234)).isEqualTo("81.2k tok/s");
  }

  @Test
  void earlyStoppingStopsWhenNothingImproves() throws IOException {
    PretrainingConfig config =
        PretrainingRun.in(folder, 40).steps(20).evalEvery(1).learningRate(1e-12).build();
    PretrainingResult result =
        ElectraTrainer.pretrain(
            config,
            TrainingListeners.earlyStopping(ValidationMetric.GENERATOR_LOSS, 1),
            TrainingListeners.metricsFile());
    assertThat(result.stopped()).get().asString().contains("GENERATOR_LOSS has not improved");
    assertThat(result.steps()).isLessThan(20);
    PretrainingConfig mlm =
        config.toBuilder().objective(Objective.MLM).output(folder.resolve("mlm")).build();
    assertThatThrownBy(
            () ->
                ElectraTrainer.pretrain(
                    mlm, TrainingListeners.earlyStopping(ValidationMetric.DISCRIMINATOR_AUC, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DISCRIMINATOR_AUC");
    assertThatThrownBy(() -> TrainingListeners.earlyStopping(ValidationMetric.MAIN_LOSS, 0))
        .hasMessageContaining("patience");
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

  private List<Path> eventFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("events"))) {
      return files.toList();
    }
  }

  private static List<JsonNode> lines(Path metrics) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(metrics)) {
      lines.add(new JsonMapper().readTree(line));
    }
    return lines;
  }
}
