package org.electra4j.examples;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The options of every command. */
final class CommonOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(names = "--stacktrace", description = "Show the stack trace of an error.")
  boolean stacktrace;

  @Option(
      names = {"-v", "--verbose"},
      description = "Log what is done to standard error; twice for more.")
  boolean[] verbose = {};

  /** Sets the level of the log. */
  void apply() {
    Level level =
        switch (verbose.length) {
          case 0 -> Level.WARN;
          case 1 -> Level.INFO;
          default -> Level.DEBUG;
        };
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(level);
  }
}
