package org.electra4j.model;

/**
 * What one batch gave, read back from the backend.
 *
 * @param generatorLoss mean of {@code -log p(original)} over masked positions, of the generator or,
 *     in the MLM objective, of the network itself
 * @param maskedTokens M
 * @param generatorCorrect masked positions where the arg max was the original
 * @param sampledCorrect masked positions where the sample was the original
 * @param mainLoss mean loss of the discriminator per token, or of the language model in Replace-MLM
 *     and All-Tokens MLM; 0 in the MLM objective
 * @param mainTokens tokens that {@code mainLoss} is averaged over
 * @param truePositives replaced and found
 * @param falsePositives original and suspected
 * @param falseNegatives replaced and missed
 * @param trueNegatives original and trusted
 * @param logits (tokens) of the discriminator; empty elsewhere
 * @param replaced (tokens) 1 or 0; empty elsewhere
 */
public record PretrainingOutputs(
    double generatorLoss,
    int maskedTokens,
    int generatorCorrect,
    int sampledCorrect,
    double mainLoss,
    int mainTokens,
    long truePositives,
    long falsePositives,
    long falseNegatives,
    long trueNegatives,
    float[] logits,
    int[] replaced) {}
