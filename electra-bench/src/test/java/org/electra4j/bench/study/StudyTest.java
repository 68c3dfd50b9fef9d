package org.electra4j.bench.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.electra4j.Objective;
import org.electra4j.PretrainingConfig;
import org.electra4j.train.Flops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StudyTest {
  private static final String[] GOOD = {"warm", "bright", "kind", "sweet"};
  private static final String[] BAD = {"cold", "dark", "cruel", "bitter"};
  private static final String[] THINGS = {"house", "river", "garden", "voice", "letter"};

  @TempDir Path folder;
  private final Random random = new Random(2);

  private String any(String... words) {
    return words[random.nextInt(words.length)];
  }

  private void writeTexts() throws IOException {
    List<String> text = new ArrayList<>();
    List<String> train = new ArrayList<>(List.of("sentence\tlabel"));
    for (int i = 0; i < 400; i++) {
      boolean good = random.nextBoolean();
      String a = any(good ? GOOD : BAD);
      String b = any(good ? GOOD : BAD);
      String sentence = "the " + any(THINGS) + " was " + a + " and " + b + " .";
      text.add(sentence);
      text.add("");
      train.add(sentence + "\t" + (good ? 1 : 0));
    }
    Files.write(folder.resolve("text.txt"), text);
    Path task = Files.createDirectories(folder.resolve("tasks/sst2"));
    Files.write(task.resolve("train.tsv"), train);
    Files.write(task.resolve("test.tsv"), train);
  }

  private int study(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--corpus",
                "" + folder.resolve("text.txt"),
                "--tasks",
                "" + folder.resolve("tasks"),
                "--work",
                "" + folder.resolve("work"),
                "--results",
                "" + folder.resolve("results"),
                "--probes",
                "sst2",
                "--vocab-size",
                "200",
                "--objectives",
                "ELECTRA,MLM",
                "--flops",
                "2e10",
                "--points",
                "2",
                "--seeds",
                "1"));
    arguments.addAll(List.of(more));
    return new CommandLine(new Study())
        .setOverwrittenOptionsAllowed(true)
        .execute(arguments.toArray(String[]::new));
  }

  @Test
  void trainsJudgesAndReportsOnce() throws IOException {
    writeTexts();
    assertThat(study("--no-training")).isEqualTo(1);
    assertThat(study()).isZero();
    String report = Files.readString(folder.resolve("results/objectives.md"));
    assertThat(report.lines().filter(line -> line.startsWith("| ")))
        .hasSize(2 + 1 + 2 * 2)
        .anyMatch(line -> line.startsWith("| random |"))
        .anyMatch(line -> line.startsWith("| electra | 2.0e10 |"))
        .anyMatch(line -> line.startsWith("| mlm | 1.0e10 |"));
    Path run = folder.resolve("work/runs").resolve(run(Objective.MLM).folder());
    Path model = run.resolve("model/model.safetensors");
    FileTime before = Files.getLastModifiedTime(model);
    assertThat(study()).isZero();
    assertThat(Files.getLastModifiedTime(model)).isEqualTo(before);
    assertThat(folder.resolve("results/objectives.md")).hasContent(report);
  }

  private static StudyRun run(Objective objective) {
    return new StudyRun(Optional.of(objective), 1, 2e10);
  }

  @Test
  void everyObjectiveSpendsTheSameOperations() {
    PretrainingConfig recipe =
        PretrainingConfig.tiny()
            .corpus(folder)
            .vocabulary(folder.resolve("vocab.txt"))
            .output(folder)
            .build();
    for (Objective objective : Objective.values()) {
      StudyRun run = new StudyRun(Optional.of(objective), 1, 1e13);
      PretrainingConfig config = run.configure(recipe, 5_000, 4).build();
      double sequence =
          Flops.trainingSequence(
              objective,
              config.model().withVocabSize(5_000),
              config.generatorConfig(5_000),
              config.seqLength(),
              config.maskProb());
      assertThat(config.steps() * config.batchSize() * sequence).isBetween(0.995e13, 1.005e13);
      assertThat(StudyPoint.of(run, config, folder)).hasSize(4);
    }
  }

  @Test
  void wordsCarryTheirLabels() throws IOException {
    Path task = Files.createDirectories(folder.resolve("tasks/conll2000"));
    List<String> lines = List.of("He PRP B-NP", "runs VBZ B-VP", "", "Stop VB B-VP", ". . O");
    Files.write(task.resolve("train.txt"), lines);
    Files.write(task.resolve("dev.txt"), lines);
    ProbeTask read = ProbeTask.read(folder.resolve("tasks"), "conll2000");
    assertThat(read.train())
        .containsExactly(
            new ProbeTask.Example(List.of("He", "runs"), List.of("B-NP", "B-VP")),
            new ProbeTask.Example(List.of("Stop", "."), List.of("B-VP", "O")));
    assertThat(read.classes()).containsExactly("B-NP", "B-VP", "O");
  }
}
