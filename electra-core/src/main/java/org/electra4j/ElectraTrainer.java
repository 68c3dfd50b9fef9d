package org.electra4j;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.electra4j.finetune.Finetuner;
import org.electra4j.finetune.FinetuningConfig;
import org.electra4j.finetune.FinetuningListener;
import org.electra4j.finetune.FinetuningResult;
import org.electra4j.train.Pretrainer;
import org.electra4j.train.TrainingListener;

/**
 * The door to training.
 *
 * <p>A run can be stopped at any time by interrupting its thread, Ctrl-C or SIGTERM: it saves and
 * returns. It can be killed at any time: {@link #resume} goes on from the newest checkpoint, and
 * the result is the same, on the CPU bit for bit and for any number of threads.
 */
public final class ElectraTrainer {
  private ElectraTrainer() {}

  /**
   * Pre-trains from raw text to a model that Hugging Face transformers loads (ELECTRA, arXiv
   * 2003.10555).
   *
   * @throws IOException when a file cannot be read or written, or the output folder holds a run or
   *     a model already, or another run is writing into it
   * @throws IllegalArgumentException when data and configuration do not fit, saying what would
   * @throws org.electra4j.backend.BackendException when the device is not available
   * @throws org.electra4j.train.NonFiniteException when training diverges
   */
  public static PretrainingResult pretrain(PretrainingConfig config, TrainingListener... listeners)
      throws IOException {
    return Pretrainer.start(config, List.of(listeners));
  }

  /**
   * Continues a run that was stopped or killed; of a complete run returns its result.
   *
   * @param output folder of the run
   * @throws IOException when there is no run in the folder, another process is writing into it, or
   *     a file is damaged or cannot be read or written
   * @throws IllegalArgumentException when the data are not those that the run began with
   * @throws org.electra4j.backend.BackendException when the device is not available
   * @throws org.electra4j.train.NonFiniteException when training diverges
   */
  public static PretrainingResult resume(Path output, TrainingListener... listeners)
      throws IOException {
    return Pretrainer.resume(output, Optional.empty(), List.of(listeners));
  }

  /**
   * Continues a run with another number of worker threads; the result is the same.
   *
   * @param output folder of the run
   * @param threads worker threads of this process, at least 1
   * @throws IOException as {@link #resume(Path, TrainingListener...)}
   * @throws IllegalArgumentException also when {@code threads} is below 1
   */
  public static PretrainingResult resume(Path output, int threads, TrainingListener... listeners)
      throws IOException {
    return Pretrainer.resume(output, Optional.of(threads), List.of(listeners));
  }

  /**
   * Fine-tunes a pre-trained model on labelled examples, in as many trials as asked for. Called
   * again with the configuration of a run that was stopped, it goes on from there.
   *
   * @throws IOException when a file cannot be read or written, or the output folder holds another
   *     run or a model, or another process is writing into it
   * @throws IllegalArgumentException when model, data and configuration do not fit, saying what
   *     would
   * @throws org.electra4j.backend.BackendException when the device is not available
   * @throws org.electra4j.train.NonFiniteException when training diverges
   */
  public static FinetuningResult finetune(FinetuningConfig config, FinetuningListener... listeners)
      throws IOException {
    return Finetuner.run(config, List.of(listeners));
  }
}
