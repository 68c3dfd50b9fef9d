/**
 * Serving: embeddings, replaced-token scores and masked words of a model directory. Imports {@code
 * model}, {@code nn}, {@code autograd}, {@code tensor}, {@code io}, {@code text} and {@code
 * backend}. Read {@link org.electra4j.inference.ElectraEncoder} first; {@link
 * org.electra4j.inference.InferenceEngine} is what its classes share.
 */
package org.electra4j.inference;
