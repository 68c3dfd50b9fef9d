package org.electra4j.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.Workspace;
import org.electra4j.bench.report.Section.Column;
import org.electra4j.bench.report.Section.Kind;

/** WordPiece against Hugging Face's, corpora, and start-up. */
final class TextSections {
  private TextSections() {}

  static List<Section> tokenizer(Settings settings) throws IOException {
    return List.of(wordPiece(settings), corpus(settings));
  }

  private static Section wordPiece(Settings settings) throws IOException {
    Path text = Workspace.target().resolve("bench-text.txt");
    Files.write(text, Workspace.corpusLines());
    List<Contender> contenders = new ArrayList<>();
    for (String engine : List.of("electra4j", "electra4j-ids", "djl-huggingface")) {
      contenders.add(
          settings.jmh(
              engine,
              "TokenizerBench.tokenize",
              Map.of("engine", engine, "threads", "1"),
              Map.of()));
    }
    contenders.add(
        new PythonContender(
            "huggingface-python",
            List.of("tokenizers"),
            "tokenize_text.py",
            List.of(Workspace.vocabulary().toString(), text.toString())));
    return new Section(
        "tokenizer",
        "WordPiece",
        "The bundled English text, a line a call, one thread, the same ids from every engine."
            + " `electra4j` gives ids and offsets, as Hugging Face does; `electra4j-ids` gives ids.",
        List.of(new Column("megabytes", "MB/s", 1, 1), new Column("tokens", "tokens/s", 1, 0)),
        true,
        Kind.PEERS,
        "",
        List.of(new Comparison("encode", contenders)));
  }

  private static Section corpus(Settings settings) {
    return new Section(
        "corpus",
        "Corpus",
        "Preparing is reading, tokenising and writing the bundled text; a batch is 32 sequences of up to"
            + " 128 tokens.",
        List.of(
            new Column("tokens", "tokens/s", 1, 0),
            new Column("score", "calls/s", 1, 1),
            new Column("megabytes", "MB/s", 1, 1)),
        true,
        Kind.VARIANTS,
        "",
        List.of(
            new Comparison(
                "corpus",
                List.of(
                    settings.jmh("prepare", "CorpusBench.prepare", Map.of(), Map.of()),
                    settings.jmh("next batch", "CorpusBench.nextBatch", Map.of(), Map.of())))));
  }

  static List<Section> startUp() {
    return List.of(
        new Section(
            "startup",
            "First embedding in a fresh JVM",
            "From the start of the process to the vector of one text, the model's files in the disk"
                + " cache; a figure is the median of five starts.",
            List.of(new Column("millis", "ms", 1, 0)),
            false,
            Kind.VARIANTS,
            "",
            List.of(
                new Comparison(
                    "small",
                    List.of(
                        new StartUpContender("default JVM options", "small", List.of()),
                        new StartUpContender(
                            "-XX:TieredStopAtLevel=1",
                            "small",
                            List.of("-XX:TieredStopAtLevel=1")))))));
  }
}
