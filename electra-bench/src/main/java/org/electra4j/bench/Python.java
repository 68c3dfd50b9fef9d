package org.electra4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The interpreter of the peer scripts: the environment variable PYTHON, or {@code python3}. */
public final class Python {
  private static final long LIMIT_MINUTES = 30;
  private static final int SHOWN = 2_000;

  private final String command;

  private Python(String command) {
    this.command = command;
  }

  /**
   * Returns the interpreter if it has these packages.
   *
   * @throws IOException when it is missing or lacks one, saying what it printed
   */
  public static Python find(List<String> packages) throws IOException {
    Python python = new Python(System.getenv().getOrDefault("PYTHON", "python3"));
    try {
      python.execute(List.of("-c", "import " + String.join(", ", packages)));
    } catch (IOException e) {
      throw new IOException(
          "needs a Python with "
              + String.join(", ", packages)
              + " (set PYTHON); "
              + python.command
              + " says: "
              + lastLine(e.getMessage()),
          e);
    }
    return python;
  }

  private static String lastLine(String text) {
    String stripped = text.strip();
    return stripped.substring(stripped.lastIndexOf('\n') + 1);
  }

  /** Runs a script and returns what it printed to standard output. */
  public String run(Path script, List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(script.toString());
    line.addAll(arguments);
    return execute(line);
  }

  /** Returns what one line of Python prints. */
  public String evaluate(String code) throws IOException {
    return execute(List.of("-c", code)).strip();
  }

  private String execute(List<String> arguments) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(command);
    line.addAll(arguments);
    Path out = Files.createTempFile("electra-bench", ".out");
    Path err = Files.createTempFile("electra-bench", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().put("TOKENIZERS_PARALLELISM", "false");
      builder.environment().put("HF_HUB_OFFLINE", "1");
      await(builder.start(), line, err);
      return Files.readString(out);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static void await(Process process, List<String> line, Path err) throws IOException {
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(line + " took more than " + LIMIT_MINUTES + " minutes.");
      }
      if (process.exitValue() != 0) {
        String printed = Files.readString(err);
        throw new IOException(printed.substring(Math.max(0, printed.length() - SHOWN)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + line + " ran", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
