package org.electra4j.inference;

/**
 * What a discriminator says about a token.
 *
 * @param token entry of the vocabulary
 * @param id its id
 * @param start where it starts in the text, as {@link String#charAt} index; -1 for token ids
 *     without a text
 * @param end where it ends, exclusive; -1 for token ids without a text
 * @param logit above 0 where the token looks replaced
 * @param replaced {@code sigmoid(logit)}: the probability that the token was replaced
 */
public record TokenScore(String token, int id, int start, int end, float logit, float replaced) {}
