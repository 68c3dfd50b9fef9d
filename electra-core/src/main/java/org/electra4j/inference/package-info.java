/**
 * Serving a model directory: embeddings, replaced-token scores, masked words; classes, numbers,
 * tags and answers of fine-tuned ones. Imports {@code model}, {@code nn}, {@code autograd}, {@code
 * tensor}, {@code io}, {@code text} and {@code backend}. Read {@link
 * org.electra4j.inference.ElectraEncoder} first; {@link org.electra4j.inference.InferenceEngine} is
 * what its classes share.
 */
package org.electra4j.inference;
