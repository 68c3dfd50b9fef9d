package org.electra4j.bench.report;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.electra4j.bench.EncoderModels;
import org.electra4j.bench.FirstEmbedding;
import org.electra4j.bench.Workspace;

/**
 * A fresh JVM with nothing but the library on its class path that loads a model and embeds one
 * text: milliseconds from the start of the process until the vector is printed, the median of five
 * after one that fills the disk cache.
 */
record StartUpContender(String name, String preset, List<String> options) implements Contender {
  private static final int RUNS = 5;
  private static final double NANOS_PER_MILLI = 1e6;

  @Override
  public Map<String, Double> measure() throws IOException {
    start();
    double[] millis = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      millis[i] = start();
    }
    Arrays.sort(millis);
    return Map.of("millis", millis[RUNS / 2]);
  }

  private double start() throws IOException {
    Path target = Workspace.target();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String library = Files.readString(target.resolve("library-peers-classpath")).strip();
    ProcessBuilder builder = new ProcessBuilder(java.toString());
    builder.command().addAll(options);
    builder
        .command()
        .addAll(
            List.of(
                "-cp",
                target.resolve("peers-classes") + File.pathSeparator + library,
                FirstEmbedding.class.getName(),
                EncoderModels.directory(preset).toString()));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    long start = System.nanoTime();
    Process process = builder.start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String vector = out.readLine();
      double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
      if (vector == null || !vector.startsWith("[")) {
        throw new IOException(String.join(" ", builder.command()) + " printed no vector.");
      }
      return millis;
    } finally {
      process.destroy();
    }
  }
}
