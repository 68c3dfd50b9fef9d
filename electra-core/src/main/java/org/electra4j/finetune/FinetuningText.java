package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Words and numbers for people who watch a run. */
final class FinetuningText {
  private FinetuningText() {}

  static String line(FinetuningSession session, FinetuningProgress progress) {
    List<String> fields = new ArrayList<>();
    fields.add(position(session, progress.step()));
    fields.addAll(fields(progress));
    return String.join("  ", fields) + (progress.skipped() ? "  (skipped: not finite)" : "");
  }

  static List<String> fields(FinetuningProgress progress) {
    return List.of(
        "loss " + decimals(progress.loss(), 4),
        String.format(Locale.ROOT, "%,.0f tok/s", progress.tokensPerSecond()));
  }

  static String line(FinetuningSession session, List<Evaluation> evaluations) {
    StringBuilder line = new StringBuilder(position(session, session.step())).append(" held-out:");
    for (int i = 0; i < evaluations.size(); i++) {
      if (evaluations.size() > 1) {
        line.append("  ").append(session.config().tasks().get(i).task().name()).append(':');
      }
      evaluations
          .get(i)
          .scores()
          .forEach(
              (name, score) ->
                  line.append("  ").append(name).append(' ').append(decimals(score, 4)));
    }
    return line.toString();
  }

  static String line(TrialResult result) {
    return "trial "
        + result.trial()
        + " is complete: "
        + decimals(result.main(), 4)
        + (result.degenerate() ? " (chance level)" : "");
  }

  private static String position(FinetuningSession session, long step) {
    String trial = session.config().trials() == 1 ? "" : "trial " + session.trial() + "  ";
    return trial + String.format(Locale.ROOT, "step %,d/%,d", step, session.steps());
  }

  static String decimals(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
