package org.electra4j.finetune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;

/**
 * Everything that defines a fine-tuning run: {@code FinetuningConfig.of(task,
 * task.read(folder)).model(…).output(…).build()}. The defaults are the paper's recipe (Table 7);
 * what depends on the size of the model or on the task is {@code null} until a run resolves it.
 * Immutable.
 */
public final class FinetuningConfig {
  /** A task with its examples. */
  public record TaskInput<E extends Example>(Task<E> task, TaskData<E> data) {}

  private final Builder values;

  private FinetuningConfig(Builder values) {
    this.values = values;
  }

  /** Returns the recipe for a task. */
  public static <E extends Example> Builder of(Task<E> task, TaskData<E> data) {
    return new Builder().andTask(task, data);
  }

  /** Returns a builder with the values of this configuration. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Returns the tasks; several share one encoder. */
  public List<TaskInput<?>> tasks() {
    return List.copyOf(values.tasks);
  }

  /** Returns the model directory to start from. */
  public Path model() {
    return values.model;
  }

  /**
   * Returns whether the weights of {@code model} are left aside for random ones: its shape and
   * vocabulary only.
   */
  public boolean fromScratch() {
    return values.fromScratch;
  }

  /** Returns the folder of the run. */
  public Path output() {
    return values.output;
  }

  /**
   * Returns how often every example is seen, or {@code null} for the paper's: 10 for STS-B and RTE,
   * 2 for question answering, else 3.
   */
  public Double epochs() {
    return values.epochs;
  }

  /** Returns the sequences a step. */
  public int batchSize() {
    return values.batchSize;
  }

  /**
   * Returns the peak rate, or {@code null} for the paper's: 3e-4 (Small), 1e-4 (Base), 5e-5
   * (Large).
   */
  public Double learningRate() {
    return values.learningRate;
  }

  /**
   * Returns the factor of the rate from a layer to the one below, or {@code null} for the paper's:
   * 0.8, Large 0.9.
   */
  public Double layerwiseDecay() {
    return values.layerwiseDecay;
  }

  /** Returns whether the top layer gets the factor once; in the published code it gets it twice. */
  public boolean correctedLayerwiseDecay() {
    return values.correctedLayerwiseDecay;
  }

  /** Returns the share of the steps with a rising rate. */
  public double warmupShare() {
    return values.warmupShare;
  }

  /** Returns the decoupled weight decay: 0 in the paper, 0.01 in the published code. */
  public double weightDecay() {
    return values.weightDecay;
  }

  /** Returns what is added outside the root of Adam's second moment. */
  public double epsilon() {
    return values.epsilon;
  }

  /** Returns whether Adam's moments are bias-corrected; the reference does not. */
  public boolean biasCorrection() {
    return values.biasCorrection;
  }

  /** Returns the global norm that gradients are clipped to, 0 for no clipping. */
  public double maxGradNorm() {
    return values.maxGradNorm;
  }

  /** Returns whether the loss is averaged over the batch before clipping; the reference sums it. */
  public boolean meanLoss() {
    return values.meanLoss;
  }

  /** Returns the dropout probability of the whole network, or {@code null} for the model's own. */
  public Double dropout() {
    return values.dropout;
  }

  /** Returns the head of texts: the reference's linear layer, or the two layers of transformers. */
  public Style headStyle() {
    return values.headStyle;
  }

  /** Returns how the head for questions finds the two ends of an answer. */
  public SpanStyle spanStyle() {
    return values.spanStyle;
  }

  /** Returns the weights of the classes in the loss. */
  public ClassWeights classWeights() {
    return values.classWeights;
  }

  /** Returns how many layers from the bottom, with the embeddings, are not trained; -1: none. */
  public int frozenLayers() {
    return values.frozenLayers;
  }

  /**
   * Returns the longest sequence, or {@code null} for the paper's: 128, for question answering 512.
   */
  public Integer maxLength() {
    return values.maxLength;
  }

  /** Returns the tokens from one window of a context to the next. */
  public int stride() {
    return values.stride;
  }

  /** Returns the most tokens of a question. */
  public int maxQuestion() {
    return values.maxQuestion;
  }

  /** Returns how many models are trained, each with the next seed. */
  public int trials() {
    return values.trials;
  }

  /** Returns the key of all randomness of the first trial. */
  public long seed() {
    return values.seed;
  }

  /** Returns the steps between evaluations; 0: at the end of each epoch. */
  public long evalEvery() {
    return values.evalEvery;
  }

  /**
   * Returns the evaluations in a row without a better score that end a trial; 0: all steps are
   * taken.
   */
  public int patience() {
    return values.patience;
  }

  /** Returns the steps between log lines. */
  public long logEvery() {
    return values.logEvery;
  }

  /** Returns the worker threads. */
  public int threads() {
    return values.threads;
  }

  /** Returns where to compute. */
  public Device device() {
    return values.device;
  }

  /** Returns the number format. */
  public Precision precision() {
    return values.precision;
  }

  /** Collects the values of a configuration. */
  public static final class Builder {
    private List<TaskInput<?>> tasks = new ArrayList<>();
    private Path model;
    private boolean fromScratch = false;
    private Path output;
    private Double epochs;
    private int batchSize = 32;
    private Double learningRate;
    private Double layerwiseDecay;
    private boolean correctedLayerwiseDecay = false;
    private double warmupShare = 0.1;
    private double weightDecay = 0;
    private double epsilon = 1e-6;
    private boolean biasCorrection = false;
    private double maxGradNorm = 1;
    private boolean meanLoss = false;
    private Double dropout;
    private Style headStyle = Style.LINEAR;
    private SpanStyle spanStyle = SpanStyle.INDEPENDENT;
    private ClassWeights classWeights = ClassWeights.none();
    private int frozenLayers = ElectraModel.TRAIN_ALL;
    private Integer maxLength;
    private int stride = 128;
    private int maxQuestion = 64;
    private int trials = 1;
    private long seed = 1;
    private long evalEvery = 0;
    private int patience = 0;
    private long logEvery = 20;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Device device = Device.AUTO;
    private Precision precision = Precision.AUTO;

    private Builder() {}

    private Builder(Builder other) {
      tasks = new ArrayList<>(other.tasks);
      model = other.model;
      fromScratch = other.fromScratch;
      output = other.output;
      epochs = other.epochs;
      batchSize = other.batchSize;
      learningRate = other.learningRate;
      layerwiseDecay = other.layerwiseDecay;
      correctedLayerwiseDecay = other.correctedLayerwiseDecay;
      warmupShare = other.warmupShare;
      weightDecay = other.weightDecay;
      epsilon = other.epsilon;
      biasCorrection = other.biasCorrection;
      maxGradNorm = other.maxGradNorm;
      meanLoss = other.meanLoss;
      dropout = other.dropout;
      headStyle = other.headStyle;
      spanStyle = other.spanStyle;
      classWeights = other.classWeights;
      frozenLayers = other.frozenLayers;
      maxLength = other.maxLength;
      stride = other.stride;
      maxQuestion = other.maxQuestion;
      trials = other.trials;
      seed = other.seed;
      evalEvery = other.evalEvery;
      patience = other.patience;
      logEvery = other.logEvery;
      threads = other.threads;
      device = other.device;
      precision = other.precision;
    }

    /** Adds a task; several are trained together on one encoder, each with its own head. */
    public <E extends Example> Builder andTask(Task<E> task, TaskData<E> data) {
      tasks.add(new TaskInput<>(task, data));
      return this;
    }

    /** Sets the model directory, or output folder of a run, to start from. */
    public Builder model(Path value) {
      this.model = value;
      return this;
    }

    /**
     * Sets whether the network starts from random weights, with the shape and vocabulary of {@code
     * model}: the baseline of transfer.
     */
    public Builder fromScratch(boolean value) {
      this.fromScratch = value;
      return this;
    }

    /** Sets the folder of the run. */
    public Builder output(Path value) {
      this.output = value;
      return this;
    }

    /** Sets how often every example is seen, in every task; {@code null} for the paper's. */
    public Builder epochs(Double value) {
      this.epochs = value;
      return this;
    }

    /** Sets the sequences a step. */
    public Builder batchSize(int value) {
      this.batchSize = value;
      return this;
    }

    /** Sets the peak rate; {@code null} for the paper's. */
    public Builder learningRate(Double value) {
      this.learningRate = value;
      return this;
    }

    /**
     * Sets the factor of the rate from a layer to the one below, 1 for none; {@code null} for the
     * paper's.
     */
    public Builder layerwiseDecay(Double value) {
      this.layerwiseDecay = value;
      return this;
    }

    /**
     * Sets whether the top layer gets the factor once; the published code has it twice, and so has
     * the default.
     */
    public Builder correctedLayerwiseDecay(boolean value) {
      this.correctedLayerwiseDecay = value;
      return this;
    }

    /** Sets the share of the steps with a rising rate. */
    public Builder warmupShare(double value) {
      this.warmupShare = value;
      return this;
    }

    /** Sets the decoupled weight decay. */
    public Builder weightDecay(double value) {
      this.weightDecay = value;
      return this;
    }

    /** Sets what is added outside the root of Adam's second moment. */
    public Builder epsilon(double value) {
      this.epsilon = value;
      return this;
    }

    /** Sets whether Adam's moments are bias-corrected. */
    public Builder biasCorrection(boolean value) {
      this.biasCorrection = value;
      return this;
    }

    /** Sets the global norm that gradients are clipped to; 0 for no clipping. */
    public Builder maxGradNorm(double value) {
      this.maxGradNorm = value;
      return this;
    }

    /**
     * Sets whether the loss is averaged over the batch before clipping, as transformers does; the
     * reference sums it, so that clipping nearly always applies.
     */
    public Builder meanLoss(boolean value) {
      this.meanLoss = value;
      return this;
    }

    /** Sets the dropout probability of the whole network; {@code null} for the model's own. */
    public Builder dropout(Double value) {
      this.dropout = value;
      return this;
    }

    /** Sets the head of texts: the reference's linear layer, or the two layers of transformers. */
    public Builder headStyle(Style value) {
      this.headStyle = value;
      return this;
    }

    /** Sets how the head for questions finds the two ends of an answer. */
    public Builder spanStyle(SpanStyle value) {
      this.spanStyle = value;
      return this;
    }

    /** Sets the weights of the classes in the loss; of a task that has them. */
    public Builder classWeights(ClassWeights value) {
      this.classWeights = value;
      return this;
    }

    /** Sets how many of the lowest layers are not trained; 0: only the embeddings, -1: all are. */
    public Builder frozenLayers(int value) {
      this.frozenLayers = value;
      return this;
    }

    /** Sets the longest sequence, special tokens included; {@code null} for the paper's. */
    public Builder maxLength(Integer value) {
      this.maxLength = value;
      return this;
    }

    /** Sets the tokens from one window of a context to the next. */
    public Builder stride(int value) {
      this.stride = value;
      return this;
    }

    /** Sets the most tokens of a question. */
    public Builder maxQuestion(int value) {
      this.maxQuestion = value;
      return this;
    }

    /** Sets how many models are trained, each with the next seed. */
    public Builder trials(int value) {
      this.trials = value;
      return this;
    }

    /** Sets the key of all randomness of the first trial. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /** Sets the steps between evaluations; 0: at the end of each epoch. */
    public Builder evalEvery(long value) {
      this.evalEvery = value;
      return this;
    }

    /**
     * Sets the evaluations in a row without a better score that end a trial, which then keeps its
     * best weights; 0: all steps are taken and the last weights kept, as in the reference.
     */
    public Builder patience(int value) {
      this.patience = value;
      return this;
    }

    /** Sets the steps between log lines. */
    public Builder logEvery(long value) {
      this.logEvery = value;
      return this;
    }

    /** Sets the worker threads. */
    public Builder threads(int value) {
      this.threads = value;
      return this;
    }

    /** Sets where to compute. */
    public Builder device(Device value) {
      this.device = value;
      return this;
    }

    /** Sets the number format. */
    public Builder precision(Precision value) {
      this.precision = value;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException naming the value that cannot be and what would be right
     */
    public FinetuningConfig build() {
      FinetuningConfig config = new FinetuningConfig(new Builder(this));
      FinetuningConfigCheck.check(config);
      return config;
    }
  }
}
