package org.electra4j.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** How the cost of a token changes with length, batch, threads and model size. */
final class ScalingSections {
  private static final int TOKENS = 4_096;
  private static final int LENGTH = 128;
  private static final List<Integer> LENGTHS = List.of(64, 96, 128, 192, 256, 384, 512);
  private static final List<Integer> BATCHES = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256);
  private static final List<Integer> THREADS = List.of(1, 2);
  private static final List<String> PRESETS = List.of("tiny", "small", "base");
  private static final List<Column> ENCODER_COLUMNS =
      List.of(
          new Column("tokens", "tokens/s", 1, 0),
          new Column("p50", "p50, ms", 1, 2),
          new Column("p90", "p90, ms", 1, 2));

  private ScalingSections() {}

  static List<Section> of(Settings settings) {
    List<Section> sections = new ArrayList<>();
    for (boolean training : new boolean[] {true, false}) {
      String what = training ? "Step" : "Encoder";
      String name = training ? "step" : "encoder";
      List<Comparison> lengths = new ArrayList<>();
      for (int length : LENGTHS) {
        int batch = Math.max(1, TOKENS / length);
        lengths.add(comparison(settings, training, batch, length, length, "length " + length));
      }
      List<Comparison> batches = new ArrayList<>();
      for (int batch : BATCHES) {
        batches.add(comparison(settings, training, batch, LENGTH, batch, "batch " + batch));
      }
      List<Column> columns = training ? StepSections.COLUMNS : ENCODER_COLUMNS;
      sections.add(
          new Section(
              name + "-length",
              what + " against length",
              "Small, bf16, about 4,096 tokens a batch.",
              columns,
              true,
              Kind.LINES,
              "tokens a sequence",
              lengths));
      sections.add(
          new Section(
              name + "-batch",
              what + " against batch",
              "Small, bf16, sequences of 128 tokens.",
              columns,
              true,
              Kind.LINES,
              "sequences a batch",
              batches));
      sections.add(sizes(settings, training, columns));
    }
    return sections;
  }

  private static Comparison comparison(
      Settings settings, boolean training, int batch, int length, double x, String work) {
    List<Contender> contenders = new ArrayList<>();
    for (int threads : THREADS) {
      contenders.add(
          training
              ? step(settings, "small", batch, length, threads)
              : encoder(settings, "small", batch, length, threads));
    }
    return new Comparison(work, x, contenders);
  }

  private static Section sizes(Settings settings, boolean training, List<Column> columns) {
    List<Comparison> comparisons = new ArrayList<>();
    for (String preset : PRESETS) {
      List<Contender> contenders = new ArrayList<>();
      for (int threads : THREADS) {
        contenders.add(
            training
                ? step(settings, preset, 8, LENGTH, threads)
                : encoder(settings, preset, 8, LENGTH, threads));
      }
      comparisons.add(new Comparison(preset, contenders));
    }
    return new Section(
        (training ? "step" : "encoder") + "-size",
        (training ? "Step" : "Encoder") + " against model size",
        "bf16, 8 sequences of 128 tokens.",
        columns,
        true,
        Kind.VARIANTS,
        "",
        comparisons);
  }

  private static Contender step(
      Settings settings, String preset, int batch, int length, int threads) {
    return settings.jmh(
        name(threads),
        "PretrainStepBench.step",
        Map.of(
            "objective",
            "electra",
            "preset",
            preset,
            "precision",
            "bf16",
            "batch",
            "" + batch,
            "seqLength",
            "" + length,
            "threads",
            "" + threads),
        Map.of());
  }

  private static Contender encoder(
      Settings settings, String preset, int batch, int length, int threads) {
    return EncoderSections.encoder(
        settings, name(threads), "electra4j-bf16", preset, batch + "x" + length, threads);
  }

  private static String name(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }
}
