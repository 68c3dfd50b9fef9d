package org.electra4j.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/** The small task of the tests: a few sentences of our own in the layout of SST-2. */
public final class FinetuneTask {
  private static final String ROOT = "electra.bench.root";

  private FinetuneTask() {}

  /** Returns the folder of its files. */
  public static Path folder() {
    return Path.of("src/test/resources/sst2").toAbsolutePath();
  }

  /** Returns the task in batches of a size. */
  static FinetuneData read(int batchSize) throws Exception {
    return atRoot(() -> FinetuneData.read(folder(), "sst2", batchSize, 128));
  }

  /** Does work while benchmarks find the project's files from the tests' folder. */
  public static <T> T atRoot(Callable<T> work) throws Exception {
    System.setProperty(ROOT, Path.of("..").toAbsolutePath().normalize().toString());
    try {
      return work.call();
    } finally {
      System.clearProperty(ROOT);
    }
  }
}
