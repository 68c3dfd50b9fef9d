package org.electra4j.inference;

import java.util.List;

/**
 * The tokens of a text and the last layer's output for each. The arrays belong to the caller.
 *
 * @param ids token ids, [CLS] and [SEP] included
 * @param tokens entries of the vocabulary
 * @param rows one row of {@code hidden_size} values a token
 * @param truncated whether the text was cut to the positions of the model
 */
public record HiddenStates(int[] ids, List<String> tokens, float[][] rows, boolean truncated) {}
