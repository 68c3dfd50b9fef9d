/**
 * Scores of predictions, as scikit-learn, seqeval and the official SQuAD scripts compute them. May
 * use {@code finetune.data}.
 */
package org.electra4j.finetune.metrics;
