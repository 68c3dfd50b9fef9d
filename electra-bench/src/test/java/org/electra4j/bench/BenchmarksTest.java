package org.electra4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.electra4j.bench.kernels.KernelBench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Every benchmark runs, at sizes that take a moment. */
class BenchmarksTest {
  private static Collection<RunResult> run(Path folder, ChainedOptionsBuilder options)
      throws RunnerException {
    System.setProperty("jmh.ignoreLock", "true");
    return new Runner(
            options
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .param("threads", "2")
                .shouldFailOnError(true)
                .output(folder.resolve("jmh.log").toString())
                .build())
        .run();
  }

  private static ChainedOptionsBuilder tiny(ChainedOptionsBuilder options) {
    return options.param("precision", "FP32").param("size", "tiny").param("tokens", "200");
  }

  @Test
  void everyKernelReportsItsRateAndItsShareOfTheCeiling(@TempDir Path folder)
      throws RunnerException {
    String kernels = KernelBench.class.getPackageName() + ".";
    Collection<RunResult> results =
        run(folder, tiny(new OptionsBuilder().include(kernels.replace(".", "\\."))));
    assertThat(results).hasSizeGreaterThan(20);
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      Result<?> share = result.getSecondaryResults().get("percentOfCeiling");
      assertThat(result.getSecondaryResults().keySet())
          .as(name)
          .containsAnyOf("gigaflops", "gigabytes");
      assertThat(share.getScore()).as(name).isPositive();
    }
  }

  @Test
  void everyKernelStemHasABenchmark() {
    List<String> stems =
        List.of(
            "Attention",
            "ClassLoss",
            "CopyLoss",
            "Dropout",
            "Embedding",
            "Gelu",
            "Gemm",
            "LmHead",
            "Masking",
            "Optimizer",
            "ResidualNorm",
            "Rows",
            "RtdLoss",
            "SpanLoss");
    TreeSet<String> found = new TreeSet<>();
    BenchmarkList.defaultList()
        .getAll(null, List.of())
        .forEach(entry -> found.add(simpleName(entry.getUserClassQName())));
    List<String> expected = new ArrayList<>();
    stems.forEach(stem -> expected.add(stem + "Bench"));
    assertThat(found).containsAll(expected);
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"electra", "MLM"})
  void aStepReportsItsRates(String objective, @TempDir Path folder) throws Exception {
    Path notes = folder.resolve("notes");
    System.setProperty(Notes.PROPERTY, notes.toString());
    try {
      Collection<RunResult> results =
          run(
              folder,
              new OptionsBuilder()
                  .include(PretrainStepBench.class.getName())
                  .param("objective", objective)
                  .param("preset", "tiny")
                  .param("precision", "fp32")
                  .param("batch", "2")
                  .param("seqLength", "16"));
      RunResult result = results.iterator().next();
      double steps = result.getPrimaryResult().getScore();
      double tokens = result.getSecondaryResults().get("tokens").getScore();
      double losses = result.getSecondaryResults().get("lossBearingPositions").getScore();
      assertThat(tokens / steps).isCloseTo(32, within(1e-6));
      assertThat(losses / steps).isCloseTo(objective.equals("MLM") ? 4 : 32, within(1e-6));
      assertThat(result.getSecondaryResults().get("gigaflops").getScore()).isPositive();
      assertThat(Notes.read(notes).get("announced_bytes")).isGreaterThan(1e6);
    } finally {
      System.clearProperty(Notes.PROPERTY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FinetuneStepBench", "FinetuneEvaluationBench"})
  void fineTuningReportsItsRates(String benchmark, @TempDir Path folder) throws Exception {
    FinetuneData data = FinetuneTask.read(4);
    boolean training = benchmark.equals("FinetuneStepBench");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + benchmark + "\\.")
            .param("data", FinetuneTask.folder().toString())
            .param("preset", "tiny")
            .param("precision", "fp32");
    if (training) {
      options.param("batch", "4");
    }
    RunResult result = FinetuneTask.atRoot(() -> run(folder, options)).iterator().next();
    double calls = result.getPrimaryResult().getScore();
    double examples = result.getSecondaryResults().get("examples").getScore();
    double tokens = result.getSecondaryResults().get("tokens").getScore();
    assertThat(examples / calls).isCloseTo(training ? 4 : data.dev().size(), within(1e-6));
    if (training) {
      assertThat(tokens / examples).isBetween(3.0, 30.0);
    } else {
      assertThat(tokens / calls).isCloseTo(data.devTokens(), within(1e-3));
    }
  }
}
