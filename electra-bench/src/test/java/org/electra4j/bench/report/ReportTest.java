package org.electra4j.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.FinetuneTask;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;

class ReportTest {
  private final List<String> calls = new ArrayList<>();

  private final class Fixed implements Contender {
    private final String name;
    private final double[] rates;
    private int round;

    Fixed(String name, double... rates) {
      this.name = name;
      this.rates = rates;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Map<String, Double> measure() throws IOException {
      calls.add(name);
      double rate = rates[round++];
      if (rate < 0) {
        throw new IOException("no such engine");
      }
      return Map.of("rate", rate, "bytes", 2e6);
    }
  }

  private static Section section(Kind kind, boolean higherIsBetter, List<Comparison> comparisons) {
    List<Column> columns =
        List.of(new Column("rate", "rate/s", 1, 0), new Column("bytes", "MB", 1e-6, 1));
    return new Section("part", "A part", "Text.", columns, higherIsBetter, kind, "x", comparisons);
  }

  private String report(Section section, int rounds, Path folder) throws IOException {
    Map<Comparison, Standings> results = new LinkedHashMap<>();
    for (Comparison comparison : section.comparisons()) {
      results.put(comparison, new Contest(rounds, line -> {}).run(section, comparison));
    }
    Report report = new Report(folder, "test");
    report.begin("2026-01-01", "run --report test", Map.of("processor", "one"));
    report.add(section, results);
    return Files.readString(report.write());
  }

  @Test
  void theCommandOfAReportHasNoFoldersOfTheMachine() {
    assertThat(
            ReportCommand.commandLine(
                "--report",
                "finetune",
                "--data",
                "/data/glue/SST-2/",
                "--out=/r",
                "--only",
                "8x128|a/b"))
        .isEqualTo("--report finetune --data SST-2/ --out=r --only 8x128|a/b");
  }

  @Test
  void contendersAreMeasuredInTurnAndComparedByTheirMedians(@TempDir Path folder)
      throws IOException {
    Comparison comparison =
        new Comparison(
            "work", List.of(new Fixed("ours", 90, 300, 100), new Fixed("peer", 20, 25, 30)));
    String text = report(section(Kind.PEERS, true, List.of(comparison)), 3, folder);
    assertThat(calls).containsExactly("ours", "peer", "ours", "peer", "ours", "peer");
    assertThat(text)
        .contains("- command: `run --report test`", "- processor: one")
        .contains("| work | ours | 100 | 2.0 | 210 % |  |")
        .contains("| work | peer | 25 | 2.0 | 40 % | 4.00 × as fast |")
        .contains("![A part](test-part.svg)")
        .doesNotContain("Not measured");
    assertThat(Files.readString(folder.resolve("test-part.svg")).contains("<svg")).isTrue();
  }

  @Test
  void timesAreComparedTheOtherWayRound(@TempDir Path folder) throws IOException {
    Comparison comparison =
        new Comparison("work", List.of(new Fixed("ours", 10), new Fixed("peer", 35)));
    assertThat(report(section(Kind.PEERS, false, List.of(comparison)), 1, folder))
        .contains("| work | peer | 35 | 2.0 | | 3.50 × as fast |");
  }

  @Test
  void whatFailsIsNamedAndLeftOut(@TempDir Path folder) throws IOException {
    Comparison comparison =
        new Comparison("work", List.of(new Fixed("ours", 10, 10), new Fixed("peer", -1)));
    assertThat(report(section(Kind.PEERS, true, List.of(comparison)), 2, folder))
        .contains("- peer: no such engine (work)")
        .doesNotContain("| work | peer");
    assertThat(calls).containsExactly("ours", "peer", "ours");
  }

  @Test
  void aBusyProcessIsShownAsAShareOfTheIdleFigure(@TempDir Path folder) throws IOException {
    Fixed ours = new Fixed("ours", 100, 70);
    Comparison comparison = new Comparison("work", List.of(ours, new LoadedContender(ours)));
    assertThat(report(section(Kind.PEERS, true, List.of(comparison)), 1, folder))
        .contains("| work | ours, beside a busy process | 70 | 2.0 | | 70 % of its idle figure |");
  }

  @Test
  void aBusyProcessEndsWithItsMeasurement() throws IOException, InterruptedException {
    BusyProcess busy = BusyProcess.start();
    assertThat(busy.isRunning()).isTrue();
    busy.close();
    for (int i = 0; i < 100 && busy.isRunning(); i++) {
      Thread.sleep(50);
    }
    assertThat(busy.isRunning()).isFalse();
  }

  @Test
  void linesTellTheirLargestFall(@TempDir Path folder) throws IOException {
    List<Comparison> comparisons = new ArrayList<>();
    double[] rates = {100, 90, 45, 60};
    for (int i = 0; i < rates.length; i++) {
      comparisons.add(
          new Comparison("length " + (64 << i), 64 << i, List.of(new Fixed("ours", rates[i]))));
    }
    assertThat(report(section(Kind.LINES, true, comparisons), 1, folder))
        .contains("- ours: 50 %, from length 128 to length 256");
    assertThat(Files.readString(folder.resolve("test-part.svg")).contains("<svg")).isTrue();
  }

  @Test
  void everySetNamesBenchmarksThatExist() throws Exception {
    Settings settings = new Settings(2, 1, false);
    List<Section> sections = new ArrayList<>(KernelSections.of(settings));
    sections.addAll(StepSections.of(settings));
    sections.addAll(
        FinetuneTask.atRoot(() -> FinetuneSections.of(settings, FinetuneTask.folder(), "sst2")));
    List<String> known = new ArrayList<>();
    BenchmarkList.defaultList()
        .getAll(null, List.of())
        .forEach(entry -> known.add(entry.getUsername()));
    for (Section section : sections) {
      for (Comparison comparison : section.comparisons()) {
        for (Contender contender : comparison.contenders()) {
          if (contender instanceof JmhContender jmh) {
            assertThat(known).anyMatch(name -> name.endsWith("." + jmh.benchmark()));
          }
        }
      }
    }
  }

  @Test
  void fineTuningNeedsATask() {
    assertThat(ReportCommand.run("--report", "finetune")).isEqualTo(2);
  }
}
