/**
 * Fine-tuning: the loop, its trials and evaluations. Imports {@code train}, {@code inference},
 * {@code model} and everything below. Read {@link org.electra4j.finetune.Finetuner}, then {@link
 * org.electra4j.finetune.Trial}; {@link org.electra4j.finetune.TaskAdapter} is what a kind of task
 * brings.
 */
package org.electra4j.finetune;
