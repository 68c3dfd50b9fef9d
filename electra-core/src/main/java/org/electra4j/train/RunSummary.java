package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;

/** Writes {@code result.json}. */
final class RunSummary {
  private static final Path PROC_STATUS = Path.of("/proc/self/status");

  private RunSummary() {}

  static void write(Path file, PretrainingResult result, PretrainingConfig config, Backend backend)
      throws IOException {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("steps", result.steps());
    summary.put("tokens", result.tokens());
    summary.put("seconds", result.seconds());
    summary.put("tokens_per_second", result.tokensPerSecond());
    summary.put("peak_rss_bytes", peakResidentBytes());
    summary.put("device", backend.device());
    summary.put("precision", backend.precision().toString().toLowerCase(java.util.Locale.ROOT));
    summary.put("threads", backend.threads());
    summary.put("seed", config.seed());
    summary.put("model", result.model().toString());
    RunFiles.writeJson(file, summary);
  }

  /**
   * Returns the peak resident size of this process, or {@code null} where the system does not tell.
   */
  private static Long peakResidentBytes() throws IOException {
    if (!Files.isReadable(PROC_STATUS)) {
      return null;
    }
    for (String line : Files.readAllLines(PROC_STATUS)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return null;
  }
}
