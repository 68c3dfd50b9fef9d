package org.electra4j.autograd;

import org.electra4j.tensor.Tensor;

/**
 * Where the sequences of a packed batch lie.
 *
 * @param cuSeqlens (B + 1) i32: where each starts, then T
 * @param count B
 * @param tokens T
 * @param maxSeqlen length of the longest
 */
public record Sequences(Tensor cuSeqlens, int count, int tokens, int maxSeqlen) {}
