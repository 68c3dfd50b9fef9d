package org.electra4j.examples;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands have in common. */
abstract class ElectraCommand implements Callable<Integer> {
  final Streams streams;
  @Mixin CommonOptions common = new CommonOptions();
  @Spec CommandSpec spec;

  ElectraCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public final Integer call() throws Exception {
    common.apply();
    return run();
  }

  /** Does the work; returns the exit code. */
  abstract int run() throws Exception;

  /** Returns the exception for a wrong command line: exit code 2. */
  ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  void positive(String option, int value) {
    if (value < 1) {
      throw wrong(option + " must be at least 1, but is " + value + ".");
    }
  }
}
