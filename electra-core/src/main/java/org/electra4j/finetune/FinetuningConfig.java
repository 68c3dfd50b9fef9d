package org.electra4j.finetune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.inference.AnswerDecoder;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;

/**
 * Everything that defines a fine-tuning run: {@code FinetuningConfig.of(task,
 * task.read(folder)).model(…).output(…).build()}. The defaults are the paper's recipe (Table 7);
 * what depends on the size of the model or on the task is {@code null} until a run resolves it.
 * Immutable.
 */
public final class FinetuningConfig extends FinetuningValues {
  /**
   * A task with its examples.
   *
   * @param task what is learned
   * @param data its splits
   */
  public record TaskInput<E extends Example>(Task<E> task, TaskData<E> data) {}

  private FinetuningConfig() {}

  /** Returns the recipe for a task. */
  public static <E extends Example> Builder of(Task<E> task, TaskData<E> data) {
    return new Builder(new FinetuningConfig()).andTask(task, data);
  }

  /** Returns a builder with the values of this configuration. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Collects the values of a configuration. */
  public static final class Builder {
    private final FinetuningConfig values;

    private Builder(FinetuningConfig values) {
      this.values = (FinetuningConfig) values.clone();
    }

    /** Adds a task; several are trained together on one encoder, each with its own head. */
    public <E extends Example> Builder andTask(Task<E> task, TaskData<E> data) {
      List<TaskInput<?>> all = new ArrayList<>(values.tasks);
      all.add(new TaskInput<>(task, data));
      values.tasks = List.copyOf(all);
      return this;
    }

    /** Sets the model directory, or output folder of a run, to start from. */
    public Builder model(Path value) {
      values.model = value;
      return this;
    }

    /**
     * Sets whether the network starts from random weights, with the shape and vocabulary of {@code
     * model}: the baseline of transfer.
     */
    public Builder fromScratch(boolean value) {
      values.fromScratch = value;
      return this;
    }

    /** Sets the folder of the run. */
    public Builder output(Path value) {
      values.output = value;
      return this;
    }

    /** Sets how often every example is seen, in every task; {@code null} for the paper's. */
    public Builder epochs(Double value) {
      values.epochs = value;
      return this;
    }

    /** Sets the sequences of a step. */
    public Builder batchSize(int value) {
      values.batchSize = value;
      return this;
    }

    /** Sets the peak learning rate; {@code null} for the paper's. */
    public Builder learningRate(Double value) {
      values.learningRate = value;
      return this;
    }

    /**
     * Sets the factor of the rate from a layer to the one below, 1 for none; {@code null} for the
     * paper's.
     */
    public Builder layerwiseDecay(Double value) {
      values.layerwiseDecay = value;
      return this;
    }

    /**
     * Sets whether the top layer gets the factor once; the published code has it twice, and so has
     * the default.
     */
    public Builder correctedLayerwiseDecay(boolean value) {
      values.correctedLayerwiseDecay = value;
      return this;
    }

    /** Sets the share of the steps with a rising rate. */
    public Builder warmupShare(double value) {
      values.warmupShare = value;
      return this;
    }

    /** Sets the decoupled weight decay. */
    public Builder weightDecay(double value) {
      values.weightDecay = value;
      return this;
    }

    /** Sets what is added outside the root of Adam's second moment. */
    public Builder epsilon(double value) {
      values.epsilon = value;
      return this;
    }

    /** Sets whether Adam's moments are bias-corrected. */
    public Builder biasCorrection(boolean value) {
      values.biasCorrection = value;
      return this;
    }

    /** Sets the global norm that gradients are clipped to; 0 for no clipping. */
    public Builder maxGradNorm(double value) {
      values.maxGradNorm = value;
      return this;
    }

    /**
     * Sets whether the loss is averaged over the batch before clipping, as transformers does; the
     * reference sums it, so that clipping nearly always applies.
     */
    public Builder meanLoss(boolean value) {
      values.meanLoss = value;
      return this;
    }

    /** Sets the dropout probability of the whole network; {@code null} for the model's own. */
    public Builder dropout(Double value) {
      values.dropout = value;
      return this;
    }

    /** Sets the head of texts: the reference's linear layer, or the two layers of transformers. */
    public Builder headStyle(Style value) {
      values.headStyle = value;
      return this;
    }

    /** Sets how the head for questions finds the two ends of an answer. */
    public Builder spanStyle(SpanStyle value) {
      values.spanStyle = value;
      return this;
    }

    /** Sets the weights of the classes in the loss; of a task that has them. */
    public Builder classWeights(ClassWeights value) {
      values.classWeights = value;
      return this;
    }

    /** Sets how many of the lowest layers are not trained; 0: only the embeddings, -1: all are. */
    public Builder frozenLayers(int value) {
      values.frozenLayers = value;
      return this;
    }

    /** Sets the longest sequence, special tokens included; {@code null} for the paper's. */
    public Builder maxLength(Integer value) {
      values.maxLength = value;
      return this;
    }

    /** Sets the tokens from one window of a context to the next. */
    public Builder stride(int value) {
      values.stride = value;
      return this;
    }

    /** Sets the most tokens of a question. */
    public Builder maxQuestion(int value) {
      values.maxQuestion = value;
      return this;
    }

    /** Sets how answers to questions are chosen when the run judges its models. */
    public Builder answers(AnswerDecoder value) {
      values.answers = value;
      return this;
    }

    /** Sets how many models are trained, each with the next seed. */
    public Builder trials(int value) {
      values.trials = value;
      return this;
    }

    /** Sets the key of all randomness of the first trial. */
    public Builder seed(long value) {
      values.seed = value;
      return this;
    }

    /** Sets the steps between evaluations; 0: at the end of each epoch. */
    public Builder evalEvery(long value) {
      values.evalEvery = value;
      return this;
    }

    /**
     * Sets the evaluations in a row without a better score that end a trial, which then keeps its
     * best weights; 0: all steps are taken and the last weights kept, as in the reference.
     */
    public Builder patience(int value) {
      values.patience = value;
      return this;
    }

    /** Sets the steps between log lines. */
    public Builder logEvery(long value) {
      values.logEvery = value;
      return this;
    }

    /** Sets the worker threads. */
    public Builder threads(int value) {
      values.threads = value;
      return this;
    }

    /** Sets where to compute. */
    public Builder device(Device value) {
      values.device = value;
      return this;
    }

    /** Sets the number format. */
    public Builder precision(Precision value) {
      values.precision = value;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException naming the value that cannot be and what would be right
     */
    public FinetuningConfig build() {
      FinetuningConfig config = (FinetuningConfig) values.clone();
      FinetuningConfigCheck.check(config);
      return config;
    }
  }
}
