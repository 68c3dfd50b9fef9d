package org.electra4j.examples;

import java.util.List;
import java.util.Locale;
import org.electra4j.inference.TokenScore;

/** Marks the words of a text that a detector suspects: in colour, or in brackets. */
final class SuspiciousWords {
  private static final double THRESHOLD = 0.5;
  private static final String RED = "\u001b[1;31m";
  private static final String RESET = "\u001b[0m";

  private final boolean color;

  SuspiciousWords(boolean color) {
    this.color = color;
  }

  /** Returns the text with each suspicious word marked and its probability behind it. */
  String mark(String text, List<TokenScore> scores) {
    StringBuilder marked = new StringBuilder();
    int copied = 0;
    for (int i = 0; i < scores.size(); ) {
      int next = i + 1;
      double most = scores.get(i).replaced();
      while (next < scores.size() && scores.get(next).token().startsWith("##")) {
        most = Math.max(most, scores.get(next).replaced());
        next++;
      }
      if (most > THRESHOLD) {
        int end = scores.get(next - 1).end();
        marked.append(text, copied, scores.get(i).start());
        String word = text.substring(scores.get(i).start(), end);
        String percent = String.format(Locale.ROOT, " %.0f%%", 100 * most);
        marked.append(color ? RED + word + percent + RESET : "[" + word + percent + "]");
        copied = end;
      }
      i = next;
    }
    return marked.append(text, copied, text.length()).toString();
  }
}
