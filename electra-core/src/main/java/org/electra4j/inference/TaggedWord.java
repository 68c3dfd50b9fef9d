package org.electra4j.inference;

/**
 * A word with its tag.
 *
 * @param word as it stands in the text
 * @param start where it starts in the text, as {@link String#charAt} index, or -1 when words were
 *     given
 * @param end where it ends, exclusive, or -1
 * @param tag text of the tag, from {@code id2label} of the model
 * @param probability of the tag
 */
public record TaggedWord(String word, int start, int end, String tag, float probability) {}
