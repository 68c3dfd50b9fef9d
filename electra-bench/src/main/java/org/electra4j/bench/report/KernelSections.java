package org.electra4j.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.electra4j.bench.kernels.GemmBench;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** Every kernel, forward and backward, beside its ceiling. */
final class KernelSections {
  private static final List<String> MEMORY =
      List.of(
          "ResidualNormBench.forward",
          "ResidualNormBench.backward",
          "EmbeddingBench.forward",
          "EmbeddingBench.backward",
          "GeluBench.backward",
          "DropoutBench.forward",
          "RtdLossBench.forwardBackward",
          "CopyLossBench.forwardBackward",
          "ClassLossBench.forwardBackward",
          "SpanLossBench.forwardBackward",
          "MaskingBench.mask",
          "MaskingBench.corrupt",
          "RowsBench.gather",
          "RowsBench.scatter",
          "OptimizerBench.squaredNorm",
          "OptimizerBench.adamW",
          "LmHeadBench.logits");
  private static final Column CEILING = new Column("percentOfCeiling", "% of ceiling", 1, 0);

  private KernelSections() {}

  static List<Section> of(Settings settings) {
    List<String> sizes = settings.quick() ? List.of("small") : List.of("small", "base");
    List<Comparison> compute = new ArrayList<>();
    List<Comparison> memory = new ArrayList<>();
    for (String size : sizes) {
      compute.add(comparison(settings, size, "GemmCeilingBench.squareProduct", Map.of()));
      for (GemmBench.Product product : GemmBench.Product.values()) {
        for (String method : List.of("forward", "backwardInput", "backwardWeight")) {
          compute.add(
              comparison(settings, size, "GemmBench." + method, Map.of("product", "" + product)));
        }
      }
      for (String method : List.of("forward", "backward")) {
        for (int length : new int[] {128, 512}) {
          compute.add(
              comparison(
                  settings, size, "AttentionBench." + method, Map.of("seqLength", "" + length)));
        }
        compute.add(comparison(settings, size, "LmHeadBench." + method, Map.of()));
      }
      MEMORY.forEach(name -> memory.add(comparison(settings, size, name, Map.of())));
    }
    return List.of(
        new Section(
            "compute",
            "Kernels that compute",
            "4,096 tokens. The ceiling is a square product of 2,048 in the same process.",
            List.of(new Column("gigaflops", "GFLOP/s", 1, 0), CEILING),
            true,
            Kind.VARIANTS,
            "",
            compute),
        new Section(
            "memory",
            "Kernels that move memory",
            "4,096 tokens; every operand counts once. The ceiling is a copy that touches as many bytes,"
                + " by as many threads, in the same process; what updates in place may exceed it, as a copy"
                + " also fetches the lines that it overwrites.",
            List.of(new Column("gigabytes", "GB/s", 1, 1), CEILING),
            true,
            Kind.VARIANTS,
            "",
            memory));
  }

  private static Comparison comparison(
      Settings settings, String size, String benchmark, Map<String, String> parameters) {
    List<Contender> contenders = new ArrayList<>();
    for (String precision : List.of("BF16", "FP32")) {
      Map<String, String> all = new LinkedHashMap<>(parameters);
      all.put("size", size);
      all.put("precision", precision);
      contenders.add(settings.jmh(precision.toLowerCase(Locale.ROOT), benchmark, all, Map.of()));
    }
    String detail = String.join(" ", parameters.values()).toLowerCase(Locale.ROOT);
    return new Comparison(
        size + ", " + benchmark.replace("Bench.", " ") + (detail.isEmpty() ? "" : " " + detail),
        contenders);
  }
}
