/**
 * The kernel contract and the search for an implementation of it.
 *
 * <p>Read {@link org.electra4j.backend.Backend} first. Imports: the JDK, SLF4J and {@link
 * org.electra4j.Precision} and {@link org.electra4j.Device}.
 *
 * <p>Legend used by every shape comment of the project: {@code B} sequences of a batch, {@code T}
 * real tokens of a batch laid end to end, {@code E embeddingSize}, {@code H hiddenSize}, {@code N
 * numAttentionHeads}, {@code D} head size ({@code H = N*D}), {@code I intermediateSize}, {@code V
 * vocabSize}, {@code M} masked positions of a batch. {@code A} is the activation type of the
 * backend: fp32 or bf16.
 */
package org.electra4j.backend;
