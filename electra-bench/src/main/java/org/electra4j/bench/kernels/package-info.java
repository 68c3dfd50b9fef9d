/**
 * One benchmark class for each kernel stem, forward and backward. Each reports the rate that
 * follows from a stated formula and its share of a ceiling that is measured in the same process:
 * start at {@link org.electra4j.bench.kernels.KernelBench}.
 */
package org.electra4j.bench.kernels;
