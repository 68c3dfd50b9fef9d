package org.electra4j.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** A small corpus, a vocabulary trained on it, and a model that has seen two batches. */
record TinyRun(Path corpus, Path vocabulary, Path output) {
  private static TinyRun instance;

  /** Returns the files, made once for all tests. */
  static synchronized TinyRun get() throws IOException {
    if (instance == null) {
      Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
      Path folder = Files.createTempDirectory(target, "tiny-run");
      Path corpus = Files.write(folder.resolve("corpus.txt"), text());
      Path vocabulary = folder.resolve("vocab.txt");
      Path output = folder.resolve("run");
      require(
          CommandLineRun.of(
              "vocab", "--corpus", "" + corpus, "--size", "600", "--out", "" + vocabulary));
      require(CommandLineRun.of(pretrain(corpus, vocabulary, output)));
      instance = new TinyRun(corpus, vocabulary, output);
    }
    return instance;
  }

  static String[] pretrain(Path corpus, Path vocabulary, Path output, String... more) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(
                "pretrain",
                "--corpus",
                "" + corpus,
                "--vocab",
                "" + vocabulary,
                "--out",
                "" + output,
                "--preset",
                "tiny",
                "--steps",
                "2",
                "--batch",
                "4",
                "--seq-length",
                "32",
                "--log-every",
                "1",
                "--held-out",
                "0.1",
                "--device",
                "cpu",
                "--precision",
                "fp32"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  String model() {
    return output.resolve("model").toString();
  }

  private static void require(CommandLineRun run) {
    if (run.code() != 0) {
      throw new IllegalStateException(run.err());
    }
  }

  /** Returns about 30 documents of the bundled corpus. */
  private static List<String> text() throws IOException {
    Path bundled = Path.of("data/corpus.txt.gz");
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(bundled)), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .limit(300)
          .map(line -> line.substring(0, Math.min(line.length(), 200)))
          .flatMap(
              line ->
                  line.hashCode() % 10 == 0 ? List.of(line, "").stream() : List.of(line).stream())
          .toList();
    }
  }
}
