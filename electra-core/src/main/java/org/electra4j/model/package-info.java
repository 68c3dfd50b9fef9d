/**
 * The network, in the order of the paper's figure. Read {@link
 * org.electra4j.model.ElectraEmbeddings}, {@link org.electra4j.model.ElectraSelfAttention}, {@link
 * org.electra4j.model.ElectraLayer}, {@link org.electra4j.model.ElectraEncoder}, {@link
 * org.electra4j.model.ElectraModel}, {@link org.electra4j.model.ElectraGenerator}, {@link
 * org.electra4j.model.ElectraDiscriminator}, {@link org.electra4j.model.ElectraPretraining}; {@link
 * org.electra4j.model.ElectraCheckpoint} maps names to files. What fine-tuning adds: {@link
 * org.electra4j.model.TaskHead} and its kinds, {@link org.electra4j.model.TaskCheckpoint}. Imports
 * {@code nn}, {@code autograd}, {@code tensor} and {@code io}.
 *
 * <p>Shapes: {@code B} sequences, {@code T} real tokens laid end to end, {@code E embeddingSize},
 * {@code H hiddenSize}, {@code N numAttentionHeads}, {@code I intermediateSize}, {@code V
 * vocabSize}, {@code M} masked positions of the batch.
 */
package org.electra4j.model;
