/**
 * End-to-end benchmarks: steps, encoders, tokenizers, corpora. {@code kernels} holds one benchmark
 * for each kernel stem, {@code report} runs them in turn with their peers and writes the results.
 * What needs a peer on the class path lies under {@code src/peers/java}.
 */
package org.electra4j.bench;
