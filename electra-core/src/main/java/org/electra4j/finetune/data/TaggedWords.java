package org.electra4j.finetune.data;

import java.util.List;
import java.util.Objects;

/**
 * A sentence whose words carry one tag each.
 *
 * @param id what identifies the sentence
 * @param words the words; never empty
 * @param tags for each word an index into {@link TaskData#labels}; null if the tags are not known.
 *     The array is the record's own: do not write to it
 */
public record TaggedWords(String id, List<String> words, int[] tags) implements Example {

  /**
   * Checks the fields and copies the words.
   *
   * @throws IllegalArgumentException if there are no words, or not one tag for each
   */
  public TaggedWords {
    Objects.requireNonNull(id, "id");
    words = List.copyOf(words);
    if (words.isEmpty()) {
      throw new IllegalArgumentException("sentence " + id + " has no words");
    }
    if (tags != null && tags.length != words.size()) {
      throw new IllegalArgumentException(
          String.format("sentence %s has %d words but %d tags", id, words.size(), tags.length));
    }
  }

  @Override
  public boolean labelled() {
    return tags != null;
  }
}
