package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.electra4j.Precision;
import org.electra4j.model.TaskDescription;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the benchmarks of fine-tuning have in common: a task, and a classifier of it. */
@State(Scope.Benchmark)
public abstract class FinetuneBench {
  private static final double ALL_REAL = 100;

  /** Folder with the task's files. */
  @Param("")
  String data;

  /** A published task of classes. */
  @Param("sst2")
  String task;

  /** {@code tiny}, {@code small}, {@code base} or {@code large}. */
  @Param("small")
  String preset;

  /** {@code fp32} or {@code bf16}, in any case. */
  @Param("bf16")
  String precision;

  @Param("128")
  int maxLength;

  @Param("2")
  int threads;

  /** Counts that JMH divides by the time of the iteration. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Rates {
    public long examples;
    public long tokens;
  }

  /** Reads the task, whose packed batches have no padding. */
  final FinetuneData read(int batch) throws IOException {
    Notes.add("real_percent", ALL_REAL);
    return FinetuneData.read(Path.of(data), task, batch, maxLength);
  }

  final TaskDescription classifier(FinetuneData examples) {
    return FinetuneModel.of(preset, examples.labels(), maxLength);
  }

  final Precision precision() {
    return Precision.valueOf(precision.toUpperCase(Locale.ROOT));
  }
}
