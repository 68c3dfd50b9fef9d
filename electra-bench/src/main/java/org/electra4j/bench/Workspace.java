package org.electra4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Where the benchmarks find the project's files: the property {@code electra.bench.root}. */
public final class Workspace {
  private static final String PROPERTY = "electra.bench.root";

  private Workspace() {}

  /** Returns the root of the project, by default the working directory. */
  public static Path root() {
    return Path.of(System.getProperty(PROPERTY, "")).toAbsolutePath();
  }

  /** Returns the folder of this module. */
  public static Path module() {
    return root().resolve("electra-bench");
  }

  /** Returns the folder for what is made while benchmarks run. */
  public static Path target() throws IOException {
    return Files.createDirectories(module().resolve("target"));
  }

  /** Returns a peer script. */
  public static Path script(String name) {
    return module().resolve("src/main/python").resolve(name);
  }

  /** Returns the bundled vocabulary: 30,522 uncased English WordPieces. */
  public static Path vocabulary() {
    return root().resolve("examples/data/vocab.txt");
  }

  /** Returns the lines of the bundled English text that are not blank. */
  public static List<String> corpusLines() throws IOException {
    Path file = root().resolve("examples/data/corpus.txt.gz");
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank()).toList();
    }
  }
}
