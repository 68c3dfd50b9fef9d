/**
 * From raw text to batches of plain arrays: prepared corpora, examples, the keyed order,
 * prefetching. Imports {@code text}, {@code backend.Philox}, {@code backend.RandomStreams}, SLF4J
 * and the JDK. Read {@link org.electra4j.data.PretrainingBatch} first.
 */
package org.electra4j.data;
