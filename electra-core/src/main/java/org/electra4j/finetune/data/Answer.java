package org.electra4j.finetune.data;

import java.util.Objects;

/**
 * An accepted answer to a question.
 *
 * @param text the text of the answer
 * @param start where it starts in the context, as {@link String#charAt} index; {@link #UNLOCATED}
 *     if it does not stand there word for word: such an answer is scored against, but not trained
 *     on
 */
public record Answer(String text, int start) {
  /** The start of an answer that does not stand in the context. */
  public static final int UNLOCATED = -1;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if {@code start} is below {@link #UNLOCATED}
   */
  public Answer {
    Objects.requireNonNull(text, "text");
    if (start < UNLOCATED) {
      throw new IllegalArgumentException("an answer starts at an index, or is at -1; got " + start);
    }
  }

  /** Returns whether the answer stands in the context. */
  public boolean located() {
    return start != UNLOCATED;
  }

  /** Returns where the answer ends in the context, exclusive. */
  public int end() {
    return start + text.length();
  }
}
