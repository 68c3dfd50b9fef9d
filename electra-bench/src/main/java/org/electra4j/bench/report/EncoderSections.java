package org.electra4j.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** Encoders: random weights of ELECTRA-Small in every engine, and MiniLM on real sentences. */
final class EncoderSections {
  private static final int SENTENCES = 2_000;

  private EncoderSections() {}

  static List<Section> of(Settings settings) {
    return List.of(encoder(settings), miniLm(settings));
  }

  private static Section encoder(Settings settings) {
    List<String> shapes =
        settings.quick()
            ? List.of("1x16", "8x128")
            : List.of("1x16", "1x128", "8x128", "32x128", "8x512");
    List<String> engines = new ArrayList<>(List.of("electra4j-bf16", "electra4j-fp32"));
    engines.addAll(List.of("onnxruntime-fp32", "onnxruntime-int8"));
    if (!settings.quick()) {
      engines.add("djl-pytorch-fp32");
    }
    List<Comparison> comparisons = new ArrayList<>();
    for (String shape : shapes) {
      comparisons.add(
          new Comparison(
              "small, " + shape,
              engines.stream().map(engine -> contender(settings, engine, shape)).toList()));
    }
    return new Section(
        "encoder",
        "Encoder",
        "Mean-pooled vectors of B × S token ids, all sequences full, one engine a process, the same"
            + " random weights. Cosine: the smallest to our fp32 vectors; below 0.9995 a benchmark"
            + " fails, int8 below 0.9.",
        List.of(
            new Column("tokens", "tokens/s at p50", 1, 0),
            new Column("p50", "p50, ms", 1, 2),
            new Column("p90", "p90, ms", 1, 2),
            new Column("cosine", "cosine", 1, 5)),
        true,
        Kind.PEERS,
        "",
        comparisons);
  }

  private static Contender contender(Settings settings, String engine, String shape) {
    return encoder(settings, engine, engine, "small", shape, settings.threads());
  }

  /** Returns an engine on a preset and a shape, written {@code batch x length}. */
  static Contender encoder(
      Settings settings, String name, String engine, String preset, String shape, int threads) {
    String[] sizes = shape.split("x");
    double tokens = Double.parseDouble(sizes[0]) * Double.parseDouble(sizes[1]);
    return settings.jmh(
        name,
        "EncoderBench.embed",
        Map.of("engine", engine, "preset", preset, "shape", shape, "threads", "" + threads),
        Map.of("tokens", tokens));
  }

  private static Section miniLm(Settings settings) {
    List<Contender> contenders = new ArrayList<>();
    for (String engine :
        List.of("electra4j-bf16", "electra4j-fp32", "langchain4j-fp32", "langchain4j-int8")) {
      contenders.add(
          settings.jmh(
              engine,
              "MiniLmBench.embedAll",
              Map.of("engine", engine),
              Map.of("sentences", (double) SENTENCES)));
    }
    return new Section(
        "minilm",
        "all-MiniLM-L6-v2",
        "Text to sentence vectors: 2,000 sentences of the bundled text, as they come, in one call,"
            + " with the weights that LangChain4j ships. LangChain4j runs on the ONNX Runtime named"
            + " above, with as many threads for its texts as ours has. Cosine as above.",
        List.of(
            new Column("sentences", "sentences/s", 1, 0),
            new Column("p50", "seconds", 1e-3, 2),
            new Column("tokens_per_sentence", "mean tokens", 1, 1),
            new Column("cosine", "cosine", 1, 5)),
        true,
        Kind.PEERS,
        "",
        List.of(new Comparison("2,000 sentences", contenders)));
  }
}
