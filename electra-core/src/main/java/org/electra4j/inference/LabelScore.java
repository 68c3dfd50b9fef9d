package org.electra4j.inference;

/**
 * How well a label fits.
 *
 * @param label text of the label, from {@code id2label} of the model
 * @param index of the label
 * @param logit output of the model
 * @param probability softmax over the labels, or where several may apply the sigmoid of the logit
 */
public record LabelScore(String label, int index, float logit, float probability) {}
