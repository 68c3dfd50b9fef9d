package org.electra4j.finetune.data;

import java.util.List;
import java.util.Objects;

/**
 * A text or pair to which any number of labels apply.
 *
 * @param id what identifies the example in prediction files
 * @param text the text, or the first of a pair
 * @param pair the second text of a pair, or null
 * @param labels ascending indices into {@link TaskData#labels}, or null if they are not known
 */
public record MultiLabelExample(String id, String text, String pair, List<Integer> labels)
    implements TextExample {

  /** Checks the fields and copies the labels. */
  public MultiLabelExample {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
    labels = labels == null ? null : labels.stream().sorted().distinct().toList();
  }

  @Override
  public boolean labelled() {
    return labels != null;
  }

  @Override
  public MultiLabelExample swapped() {
    return pair == null ? this : new MultiLabelExample(id, pair, text, labels);
  }
}
