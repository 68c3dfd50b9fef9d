/**
 * Labelled data for fine-tuning: examples, tasks, and readers of the formats they come in. Plain
 * values over {@code text} and {@code io}; read {@link org.electra4j.finetune.data.Task} first.
 */
package org.electra4j.finetune.data;
