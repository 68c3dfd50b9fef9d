package org.electra4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Words and numbers for people who watch a run. */
final class ProgressText {
  private ProgressText() {}

  /** Returns what a step gave on one line; what the objective does not have is left out. */
  static String line(TrainingSession session, TrainingProgress progress, double secondsLeft) {
    List<String> fields = new ArrayList<>();
    fields.add(
        String.format(Locale.ROOT, "step %,d/%,d", progress.step(), session.config().steps()));
    fields.addAll(fields(accuracy(session), progress));
    fields.add(timeLeft(secondsLeft));
    return String.join("  ", fields) + (progress.skipped() ? "  (skipped: not finite)" : "");
  }

  /** Returns loss, accuracy (by the name given), AUC and rate of a step. */
  static List<String> fields(String accuracy, TrainingProgress progress) {
    List<String> fields = new ArrayList<>();
    fields.add("loss " + decimals(progress.loss(), 2));
    fields.add(accuracy + " " + percent(progress.maskedLmAccuracy()));
    if (progress.discriminator() != null) {
      fields.add("AUC " + decimals(progress.discriminator().auc(), 3));
    }
    fields.add(rate(progress.tokensPerSecond()));
    return fields;
  }

  /** Returns held-out metrics on one line. */
  static String line(TrainingSession session, ValidationMetrics metrics) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "step %,d held-out:", metrics.step()));
    boolean generator = session.config().objective().hasGenerator();
    line.append(generator ? "  generator loss " : "  masked LM loss ");
    line.append(decimals(metrics.generatorLoss(), 3));
    line.append("  ").append(accuracy(session)).append(' ');
    line.append(percent(metrics.maskedLmAccuracy()));
    BinaryMetrics discriminator = metrics.discriminator();
    if (discriminator != null) {
      line.append("  discriminator loss ").append(decimals(metrics.mainLoss(), 4));
      line.append("  AUC ").append(decimals(discriminator.auc(), 3));
      line.append("  precision ").append(percent(discriminator.precision()));
      line.append("  recall ").append(percent(discriminator.recall()));
    } else if (generator) {
      line.append("  language model loss ").append(decimals(metrics.mainLoss(), 3));
    }
    return line.toString();
  }

  /** Returns what a run trains and takes, said before its first step. */
  static String memory(TrainingSession session) {
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "%,d parameters; %s for them, the optimizer and the largest step",
            session.parameterCount(),
            megabytes(session.plannedBytes())));
    session
        .expectedPeakBytes()
        .ifPresent(bytes -> line.append(", ").append(megabytes(bytes)).append(" for the process"));
    return line.toString();
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.1f MB" : "%,.0f MB", bytes / 1e6);
  }

  private static String accuracy(TrainingSession session) {
    return session.config().objective().hasGenerator() ? "gen acc" : "mlm acc";
  }

  static String timeLeft(double seconds) {
    return Double.isFinite(seconds) ? duration(Math.round(seconds)) + " left" : "";
  }

  /** Returns {@code m:ss}, {@code h:mm:ss} or {@code d days h:mm:ss}. */
  static String duration(long seconds) {
    long hours = seconds / 3600;
    long minutes = seconds / 60 % 60;
    if (hours == 0) {
      return String.format(Locale.ROOT, "%d:%02d", minutes, seconds % 60);
    }
    String days = hours < 24 ? "" : hours / 24 + (hours < 48 ? " day " : " days ");
    return String.format(Locale.ROOT, "%s%d:%02d:%02d", days, hours % 24, minutes, seconds % 60);
  }

  static String rate(double tokensPerSecond) {
    if (tokensPerSecond < 10_000) {
      return decimals(tokensPerSecond, 0) + " tok/s";
    }
    return tokensPerSecond < 9_999_500
        ? decimals(tokensPerSecond / 1e3, 1) + "k tok/s"
        : decimals(tokensPerSecond / 1e6, 1) + "M tok/s";
  }

  static String percent(double share) {
    return Double.isNaN(share) ? "-" : decimals(100 * share, 1) + "%";
  }

  static String decimals(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
