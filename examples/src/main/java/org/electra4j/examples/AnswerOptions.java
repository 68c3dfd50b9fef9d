package org.electra4j.examples;

import org.electra4j.inference.AnswerDecoder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How answers to questions are chosen. */
final class AnswerOptions {
  static final String ONLY_QUESTIONS =
      "--n-best, --max-answer-tokens and --null-threshold are for questions.";
  private static final AnswerDecoder REFERENCE = AnswerDecoder.defaults();

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--n-best",
      paramLabel = "N",
      description =
          "Of questions: answers that are kept, and ends that are looked at (default: 20).")
  int nBest = REFERENCE.nBest();

  @Option(
      names = "--max-answer-tokens",
      paramLabel = "N",
      description = "Of questions: longest answer (default: 30).")
  int maxAnswerTokens = REFERENCE.maxAnswerTokens();

  @Option(
      names = "--null-threshold",
      paramLabel = "X",
      description =
          "Of questions: null odds above which there is no answer; Infinity for always one"
              + " (default: 0, with the joint head -2.75).")
  Float nullThreshold;

  boolean isGiven() {
    return !decoder().equals(REFERENCE);
  }

  AnswerDecoder decoder() {
    require("--n-best", nBest);
    require("--max-answer-tokens", maxAnswerTokens);
    if (nullThreshold != null && nullThreshold.isNaN()) {
      throw new ParameterException(
          spec.commandLine(), "--null-threshold must be a number or Infinity, but is NaN.");
    }
    return new AnswerDecoder(nBest, maxAnswerTokens, nullThreshold);
  }

  private void require(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " must be at least 1, but is " + value + ".");
    }
  }
}
