package org.electra4j.examples;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands have in common. */
abstract class ElectraCommand implements Callable<Integer> {
  /** A word like learningRate, or a short one that a message begins with. */
  private static final Pattern FIELD =
      Pattern.compile("\\b[a-z]+(?:[A-Z0-9][a-z]*)+\\b|^[a-z0-9]+(?= (?:must|is) )");

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

  /** Hands on an option that was given. */
  static <T> void set(T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }

  /**
   * Replaces the names of a configuration's fields by those of their options.
   *
   * @param optionOfField the options that are called otherwise than their field
   */
  String withOptions(String message, Map<String, String> optionOfField) {
    return FIELD
        .matcher(message)
        .replaceAll(match -> Matcher.quoteReplacement(option(match.group(), optionOfField)));
  }

  private String option(String field, Map<String, String> optionOfField) {
    String usual = "--" + field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    String option = optionOfField.getOrDefault(field, usual);
    return spec.optionsMap().containsKey(option) ? option : field;
  }

  void positive(String option, int value) {
    if (value < 1) {
      throw wrong(option + " must be at least 1, but is " + value + ".");
    }
  }
}
