/**
 * Compares the pre-training objectives at equal operations by linear probes. Start at {@code
 * Study}.
 */
package org.electra4j.bench.study;
