package org.electra4j.finetune.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The normalisation of answers in the official SQuAD scripts: lower case, no ASCII punctuation, no
 * articles, single blanks.
 */
final class SquadText {
  private static final Set<String> ARTICLES = Set.of("a", "an", "the");

  private SquadText() {}

  /** Returns the words that are compared. */
  static List<String> words(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    StringBuilder kept = new StringBuilder(lower.length());
    lower.codePoints().filter(c -> !isPunctuation(c)).forEach(kept::appendCodePoint);
    return split(withoutArticles(kept.toString()));
  }

  /** Returns the words joined by blanks. */
  static String normalize(String text) {
    return String.join(" ", words(text));
  }

  private static boolean isPunctuation(int c) {
    return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
  }

  /** Replaces by a blank each run of word characters that is an article: {@code \b(a|an|the)\b}. */
  private static String withoutArticles(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int end = i;
      while (end < text.length() && isWordCharacter(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
      if (end == i) {
        out.appendCodePoint(text.codePointAt(i));
        i += Character.charCount(text.codePointAt(i));
      } else {
        String run = text.substring(i, end);
        out.append(ARTICLES.contains(run) ? " " : run);
        i = end;
      }
    }
    return out.toString();
  }

  /** Python's {@code \w}, once the underscore is gone: combining marks are outside, unlike Java. */
  private static boolean isWordCharacter(int c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          true;
      default -> false;
    };
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || isWhiteSpace(text.charAt(i))) {
        if (i > start) {
          words.add(text.substring(start, i));
        }
        start = i + 1;
      }
    }
    return words;
  }

  /** Python's {@code str.isspace}: Java's white space plus the no-break ones and U+0085. */
  private static boolean isWhiteSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }
}
