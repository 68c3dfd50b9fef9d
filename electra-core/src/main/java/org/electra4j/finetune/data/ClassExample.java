package org.electra4j.finetune.data;

import java.util.Objects;

/**
 * A text or pair of one class.
 *
 * @param id what identifies the example in prediction files
 * @param text the text, or the first of a pair
 * @param pair the second text of a pair, or null
 * @param label index into {@link TaskData#labels}, or {@link #UNLABELLED}
 */
public record ClassExample(String id, String text, String pair, int label) implements TextExample {
  /** The label of an example whose class is not known. */
  public static final int UNLABELLED = -1;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if the label is below {@link #UNLABELLED}
   */
  public ClassExample {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
    if (label < UNLABELLED) {
      throw new IllegalArgumentException("label must be a class index or -1, got " + label);
    }
  }

  @Override
  public boolean labelled() {
    return label != UNLABELLED;
  }

  @Override
  public ClassExample swapped() {
    return pair == null ? this : new ClassExample(id, pair, text, label);
  }
}
