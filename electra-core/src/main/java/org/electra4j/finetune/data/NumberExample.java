package org.electra4j.finetune.data;

import java.util.Objects;

/**
 * A text or pair with a number to predict.
 *
 * @param id what identifies the example in prediction files
 * @param text the text, or the first of a pair
 * @param pair the second text of a pair, or null
 * @param number the target, or NaN if it is not known
 */
public record NumberExample(String id, String text, String pair, double number)
    implements TextExample {

  /** Checks the fields. */
  public NumberExample {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
  }

  @Override
  public boolean labelled() {
    return !Double.isNaN(number);
  }

  @Override
  public NumberExample swapped() {
    return pair == null ? this : new NumberExample(id, pair, text, number);
  }
}
