package org.electra4j.train;

/**
 * What an optimizer step gave. Losses and metrics are of this step's batches; rates are of the time
 * since the last log.
 *
 * @param step number of steps taken, this one included
 * @param logged whether this step ends a log interval ({@code logEvery}, or the last step)
 * @param loss weighted total of all losses
 * @param generatorLoss mean {@code -log p} at masked positions; NaN where the objective has no
 *     language model of that kind
 * @param mainLoss mean loss of the discriminator, or of the language model in Replace-MLM and
 *     All-Tokens MLM; NaN in MLM
 * @param maskedLmAccuracy share of masked positions whose arg max is right
 * @param discriminator the discriminator's metrics, {@code null} in language-model objectives
 * @param learningRate rate of this step
 * @param gradNorm global gradient norm before clipping
 * @param tokensPerSecond over the interval
 * @param dataWaitShare share of the interval spent waiting for data, 0 to 1
 * @param skipped whether the step was skipped because a loss or gradient was not finite
 */
public record TrainingProgress(
    long step,
    boolean logged,
    double loss,
    double generatorLoss,
    double mainLoss,
    double maskedLmAccuracy,
    BinaryMetrics discriminator,
    double learningRate,
    double gradNorm,
    double tokensPerSecond,
    double dataWaitShare,
    boolean skipped) {}
