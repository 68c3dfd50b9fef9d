package org.electra4j.train;

/**
 * Held-out metrics.
 *
 * @param step number of steps taken
 * @param generatorLoss mean {@code -log p} at masked positions
 * @param maskedLmAccuracy share of masked positions whose arg max is right
 * @param mainLoss as in {@link TrainingProgress}
 * @param discriminator the discriminator's metrics, {@code null} in language-model objectives
 * @param tokens tokens that were looked at
 */
public record ValidationMetrics(
    long step,
    double generatorLoss,
    double maskedLmAccuracy,
    double mainLoss,
    BinaryMetrics discriminator,
    long tokens) {}
