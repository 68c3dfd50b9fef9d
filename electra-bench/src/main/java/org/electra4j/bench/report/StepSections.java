package org.electra4j.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** Pre-training steps against PyTorch. */
final class StepSections {
  static final List<Column> COLUMNS =
      List.of(
          new Column("tokens", "tokens/s", 1, 0),
          new Column("examples", "examples/s", 1, 1),
          new Column("lossBearingPositions", "loss-bearing positions/s", 1, 0),
          new Column("gigaflops", "GFLOP/s", 1, 0),
          new Column("percentOfCeiling", "% of GEMM ceiling", 1, 0),
          new Column("gemm_gigaflops", "GEMM ceiling, GFLOP/s", 1, 0),
          new Column("announced_bytes", "announced MB", 1e-6, 0),
          new Column("peak_rss_bytes", "peak RSS, MB", 1e-6, 0));

  private static final String TEXT =
      "One step on random full sequences of 128 tokens: forward, backward, clipping, AdamW. GFLOP/s"
          + " counts one forward and two for backward (`Flops.trainingSequence`); the ceiling is a"
          + " square product of 2,048 in the same process. Announced, before the first step, is what the"
          + " process has in memory, what parameters, optimizer and activations will take, and 134 MB. The"
          + " peer is PyTorch with Hugging Face transformers doing the same work"
          + " (`src/main/python/pretrain_step.py`).";

  private StepSections() {}

  static List<Section> of(Settings settings) {
    List<Comparison> comparisons = new ArrayList<>();
    comparisons.add(comparison(settings, "electra", "small", "bf16", 32));
    if (!settings.quick()) {
      comparisons.add(comparison(settings, "electra", "small", "bf16", 128));
      comparisons.add(comparison(settings, "electra", "small", "fp32", 32));
      comparisons.add(comparison(settings, "electra", "small", "fp32", 128));
      comparisons.add(comparison(settings, "mlm", "small", "bf16", 32));
      comparisons.add(comparison(settings, "electra", "base", "bf16", 8));
    }
    return List.of(
        new Section("step", "Pre-training step", TEXT, COLUMNS, true, Kind.PEERS, "", comparisons));
  }

  private static Comparison comparison(
      Settings settings, String objective, String preset, String precision, int batch) {
    String work =
        objective.toUpperCase(Locale.ROOT) + " " + preset + ", " + precision + ", batch " + batch;
    Map<String, String> parameters =
        Map.of(
            "objective", objective,
            "preset", preset,
            "precision", precision,
            "batch", "" + batch,
            "seqLength", "128");
    return new Comparison(
        work,
        List.of(
            settings.jmh("Electra4J", "PretrainStepBench.step", parameters, Map.of()),
            pytorch(settings, objective, preset, precision, batch)));
  }

  private static Contender pytorch(
      Settings settings, String objective, String preset, String precision, int batch) {
    return new PythonContender(
        "PyTorch",
        List.of("torch", "transformers"),
        "pretrain_step.py",
        List.of(
            "--objective",
            objective,
            "--preset",
            preset,
            "--precision",
            precision,
            "--batch",
            "" + batch,
            "--threads",
            "" + settings.threads(),
            "--steps",
            "3"));
  }
}
