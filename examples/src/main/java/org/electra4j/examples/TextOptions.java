package org.electra4j.examples;

import org.electra4j.text.TokenizerOptions;
import picocli.CommandLine.Option;

/** How text is normalised. */
final class TextOptions {
  @Option(names = "--cased", description = "Keep upper case and accents.")
  boolean cased;

  @Option(
      names = "--strip-accents",
      negatable = true,
      description = "Strip accents, or keep them; by default they go with the case.")
  Boolean stripAccents;

  TokenizerOptions tokenizerOptions() {
    TokenizerOptions options = cased ? TokenizerOptions.cased() : TokenizerOptions.uncased();
    return options.withStripAccents(stripAccents);
  }
}
