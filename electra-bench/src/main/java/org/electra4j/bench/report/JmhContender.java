package org.electra4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.Notes;
import org.electra4j.bench.Workspace;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * A JMH benchmark with fixed parameters: one fork a round. Its figures are the score, or the
 * percentiles {@code p50} and {@code p90} in ms where times are sampled, the secondary results and
 * the {@link Notes} of the fork.
 *
 * @param benchmark {@code Class.method}
 * @param work what a call does, by unit: where times are sampled, each becomes a figure, units per
 *     second at the median
 * @param times how long a round takes
 */
record JmhContender(
    String name,
    String benchmark,
    Map<String, String> parameters,
    Map<String, Double> work,
    Times times)
    implements Contender {
  private static final double MILLIS = 1e3;

  /** Iterations of a round and their lengths; a single shot takes as long as it takes. */
  record Times(int warmups, int iterations, double seconds) {
    private TimeValue length() {
      return TimeValue.milliseconds(Math.round(1000 * seconds));
    }
  }

  /** Returns what the last JMH run printed. */
  static Path log() throws IOException {
    return Workspace.target().resolve("jmh.log");
  }

  @Override
  public Map<String, Double> measure() throws IOException {
    Path notes = Files.createTempFile("electra-bench", ".notes");
    try {
      Map<String, Double> figures = new LinkedHashMap<>();
      for (RunResult result : run(times, notes)) {
        figures.putAll(figures(result));
      }
      figures.putAll(Notes.read(notes));
      return figures;
    } finally {
      Files.delete(notes);
    }
  }

  private Collection<RunResult> run(Times times, Path notes) throws IOException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + benchmark.replace(".", "\\.") + "$")
            .forks(1)
            .warmupIterations(times.warmups())
            .warmupTime(times.length())
            .measurementIterations(times.iterations())
            .measurementTime(times.length())
            .shouldFailOnError(true)
            .output(log().toString());
    List<String> jvm = new ArrayList<>();
    jvm.add("-D" + Notes.PROPERTY + "=" + notes);
    options.jvmArgsAppend(jvm.toArray(String[]::new));
    parameters.forEach(options::param);
    try {
      Collection<RunResult> results = new Runner(options.build()).run();
      if (results.isEmpty()) {
        throw new IOException(benchmark + " is no benchmark of this class path.");
      }
      return results;
    } catch (RunnerException e) {
      throw new IOException(reason(), e);
    }
  }

  /** Returns the exception that the fork printed. */
  private static String reason() throws IOException {
    String printed = "it failed; see " + log();
    for (String line : Files.readAllLines(log())) {
      if (line.matches("(Caused by: )?[a-zA-Z0-9_.$]+(Exception|Error): .*")) {
        printed = line.substring(line.indexOf(": ", line.startsWith("Caused") ? 11 : 0) + 2);
      }
    }
    return printed;
  }

  private Map<String, Double> figures(RunResult result) {
    Map<String, Double> figures = new LinkedHashMap<>();
    Result<?> primary = result.getPrimaryResult();
    figures.put("score", primary.getScore());
    if (result.getParams().getMode() != Mode.Throughput) {
      Statistics statistics = primary.getStatistics();
      figures.put("p50", statistics.getPercentile(50));
      figures.put("p90", statistics.getPercentile(90));
      work.forEach((unit, amount) -> figures.put(unit, amount * MILLIS / figures.get("p50")));
    }
    result
        .getSecondaryResults()
        .forEach(
            (label, secondary) -> {
              if (label.chars().allMatch(Character::isLetterOrDigit)) {
                figures.put(label, secondary.getScore());
              }
            });
    return figures;
  }
}
