package org.electra4j.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.electra4j.PretrainingConfig;
import org.electra4j.PretrainingResult;
import org.electra4j.backend.Backend;

/** Writes {@code result.json}. */
final class RunSummary {
  private RunSummary() {}

  static void write(
      Path file,
      PretrainingResult result,
      PretrainingConfig config,
      Backend backend,
      OptionalLong expectedPeakBytes)
      throws IOException {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("steps", result.steps());
    summary.put("tokens", result.tokens());
    summary.put("seconds", result.seconds());
    summary.put("tokens_per_second", result.tokensPerSecond());
    summary.put("expected_peak_rss_bytes", orNull(expectedPeakBytes));
    summary.put("peak_rss_bytes", orNull(ProcessMemory.peakResident()));
    summary.put("device", backend.device());
    summary.put("precision", backend.precision().toString().toLowerCase(java.util.Locale.ROOT));
    summary.put("threads", backend.threads());
    summary.put("seed", config.seed());
    summary.put("model", result.model().toString());
    RunFiles.JSON.write(file, summary);
  }

  private static Long orNull(OptionalLong bytes) {
    return bytes.isPresent() ? bytes.getAsLong() : null;
  }
}
