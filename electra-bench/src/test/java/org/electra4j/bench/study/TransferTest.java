package org.electra4j.bench.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TransferTest {
  @TempDir Path folder;

  private void run(String start, String task, String metric, double... scores) throws IOException {
    Path run = Files.createDirectories(folder.resolve("work/" + start + "-" + task));
    StringBuilder trials = new StringBuilder();
    String other = task.equals("xquad-en") ? "exact" : "other";
    for (double score : scores) {
      trials.append(trials.isEmpty() ? "" : ",");
      trials.append(
          "{\"scores\": {\"t\": {\"" + metric + "\": " + score + ", \"" + other + "\": 9}}}");
    }
    Files.writeString(run.resolve("result.json"), "{\"trials\": [" + trials + "]}");
  }

  private String results() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    int code =
        new CommandLine(new Transfer()).execute("--work", folder + "/work", "--out", "" + out);
    assertThat(code).isZero();
    assertThat(out.resolve("results.svg")).content().contains("<svg", "</svg>");
    return Files.readString(out.resolve("results.md"));
  }

  @Test
  void theTableHasMeansDeviationsAndDifferences() throws IOException {
    for (String start : List.of("random", "mlm", "electra")) {
      double better = start.equals("electra") ? 0.1 : start.equals("mlm") ? 0.05 : 0;
      run(start, "cola", "matthews", 0.2 + better, 0.3 + better, 0.4 + better);
      run(start, "xquad-en", "f1", 10 + 100 * better, 10 + 100 * better);
    }
    run("random", "rte", "accuracy", 0.5); // the others are still missing
    assertThat(results().lines())
        .contains(
            "| cola | matthews | 30.0 ± 10.0 | 35.0 ± 10.0 | 40.0 ± 10.0 | +10.0 | +5.0 |",
            "| xquad-en | f1 | 10.0 ± 0.0 | 15.0 ± 0.0 | 20.0 ± 0.0 | +10.0 | +5.0 |")
        .noneMatch(line -> line.startsWith("| rte"));
  }

  @Test
  void whatPeopleWroteAroundTheTableStays() throws IOException {
    for (String start : List.of("random", "mlm", "electra")) {
      run(start, "cola", "matthews", 0.5);
    }
    String first = results();
    Files.writeString(folder.resolve("out/results.md"), "# Title\n\n" + first + "\nThe end.\n");
    run("electra", "cola", "matthews", 0.75);
    assertThat(results())
        .startsWith("# Title\n")
        .endsWith("The end.\n")
        .contains("| cola | matthews | 50.0 | 50.0 | 75.0 | +25.0 | +25.0 |")
        .doesNotContain("| 50.0 | 50.0 | 50.0 |");
  }

  @Test
  void noRunsIsAnError() throws IOException {
    Files.createDirectories(folder.resolve("work"));
    int code =
        new CommandLine(new Transfer())
            .setExecutionExceptionHandler(
                (e, line, result) -> {
                  assertThat(e).hasMessageContaining("has no fine-tuned task");
                  return 7;
                })
            .execute("--work", folder + "/work", "--out", "" + folder);
    assertThat(code).isEqualTo(7);
  }
}
