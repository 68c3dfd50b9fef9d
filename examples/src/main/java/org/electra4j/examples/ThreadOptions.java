package org.electra4j.examples;

import picocli.CommandLine.Option;

/** How many threads work. */
final class ThreadOptions {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Worker threads (default: the processors, ${DEFAULT-VALUE} here).")
  int threads = Runtime.getRuntime().availableProcessors();
}
