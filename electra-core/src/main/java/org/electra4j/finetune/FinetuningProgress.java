package org.electra4j.finetune;

/**
 * What an optimizer step gave.
 *
 * @param task name of the task that the batch is of
 * @param step number of steps taken in the trial, this one included
 * @param logged whether this step ends a log interval ({@code logEvery}, or the last step)
 * @param loss mean over the sequences or words of the batch
 * @param learningRate rate of this step, of the head
 * @param gradNorm global gradient norm before clipping, of the summed loss unless {@code meanLoss}
 * @param tokensPerSecond real tokens, over the interval
 * @param skipped whether the step was skipped because loss or gradient was not finite; on a device
 *     that queues steps only the gradient decides
 */
public record FinetuningProgress(
    String task,
    long step,
    boolean logged,
    double loss,
    double learningRate,
    double gradNorm,
    double tokensPerSecond,
    boolean skipped) {}
