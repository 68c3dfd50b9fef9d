package org.electra4j.examples;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A command line run in this process: its exit code and what it wrote. */
record CommandLineRun(int code, String out, String err) {

  static CommandLineRun of(String... arguments) {
    return with("", arguments);
  }

  static CommandLineRun with(String input, String... arguments) {
    return with(input.getBytes(StandardCharsets.UTF_8), arguments);
  }

  static CommandLineRun with(byte[] input, String... arguments) {
    return with(new ByteArrayInputStream(input), new ByteArrayOutputStream(), arguments);
  }

  static CommandLineRun with(InputStream in, ByteArrayOutputStream out, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Electra.run(
            arguments,
            new Streams(
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false));
    return new CommandLineRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  List<String> lines() {
    return out.lines().toList();
  }
}
