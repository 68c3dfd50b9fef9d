package org.electra4j.inference;

/**
 * A word for a [MASK].
 *
 * @param token entry of the vocabulary
 * @param id its id
 * @param probability softmax over the whole vocabulary
 */
public record Prediction(String token, int id, float probability) {}
