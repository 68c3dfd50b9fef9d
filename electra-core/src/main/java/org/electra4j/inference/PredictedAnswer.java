package org.electra4j.inference;

/**
 * A span of a context that may answer a question.
 *
 * @param text the span as it stands in the context
 * @param start where it starts in the context, as {@link String#charAt} index
 * @param end where it ends, exclusive
 * @param score sum of the logits of its two ends, of the joint head of their log-probabilities
 * @param probability softmax over the scores of all candidates that were kept, "no answer"
 *     included, which with the joint head has the sigmoid of its logit
 */
public record PredictedAnswer(String text, int start, int end, float score, float probability) {}
