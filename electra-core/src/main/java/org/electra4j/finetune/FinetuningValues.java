package org.electra4j.finetune;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.Device;
import org.electra4j.Precision;
import org.electra4j.finetune.FinetuningConfig.TaskInput;
import org.electra4j.inference.AnswerDecoder;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.ElectraSequenceHead.Style;
import org.electra4j.model.SpanStyle;

/** The values of a {@link FinetuningConfig}; at first the paper's recipe. */
abstract class FinetuningValues implements Cloneable {
  List<TaskInput<?>> tasks = List.of();
  Path model;
  boolean fromScratch;
  Path output;
  Double epochs;
  int batchSize = 32;
  Double learningRate;
  Double layerwiseDecay;
  boolean correctedLayerwiseDecay;
  double warmupShare = 0.1;
  double weightDecay;
  double epsilon = 1e-6;
  boolean biasCorrection;
  double maxGradNorm = 1;
  boolean meanLoss;
  Double dropout;
  Style headStyle = Style.LINEAR;
  SpanStyle spanStyle = SpanStyle.INDEPENDENT;
  ClassWeights classWeights = ClassWeights.none();
  int frozenLayers = ElectraModel.TRAIN_ALL;
  Integer maxLength;
  int stride = 128;
  int maxQuestion = 64;
  AnswerDecoder answers = AnswerDecoder.defaults();
  int trials = 1;
  long seed = 1;
  long evalEvery;
  int patience;
  long logEvery = 20;
  int threads = Runtime.getRuntime().availableProcessors();
  Device device = Device.AUTO;
  Precision precision = Precision.AUTO;

  FinetuningValues() {}

  @Override
  protected FinetuningValues clone() {
    try {
      return (FinetuningValues) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the tasks; several share one encoder. */
  public List<TaskInput<?>> tasks() {
    return tasks;
  }

  /** Returns the model directory to start from. */
  public Path model() {
    return model;
  }

  /**
   * Returns whether the weights of {@code model} are left aside for random ones: its shape and
   * vocabulary only.
   */
  public boolean fromScratch() {
    return fromScratch;
  }

  /** Returns the folder of the run. */
  public Path output() {
    return output;
  }

  /**
   * Returns how often every example is seen, or {@code null} for the paper's: 10 for STS-B and RTE,
   * 2 for question answering, else 3.
   */
  public Double epochs() {
    return epochs;
  }

  /** Returns the sequences of a step. */
  public int batchSize() {
    return batchSize;
  }

  /**
   * Returns the peak learning rate, or {@code null} for the paper's: 3e-4 (Small), 1e-4 (Base),
   * 5e-5 (Large).
   */
  public Double learningRate() {
    return learningRate;
  }

  /**
   * Returns the factor of the rate from a layer to the one below, or {@code null} for the paper's:
   * 0.8, Large 0.9.
   */
  public Double layerwiseDecay() {
    return layerwiseDecay;
  }

  /** Returns whether the top layer gets the factor once; in the published code it gets it twice. */
  public boolean correctedLayerwiseDecay() {
    return correctedLayerwiseDecay;
  }

  /** Returns the share of the steps with a rising rate. */
  public double warmupShare() {
    return warmupShare;
  }

  /** Returns the decoupled weight decay: 0 in the paper, 0.01 in the published code. */
  public double weightDecay() {
    return weightDecay;
  }

  /** Returns what is added outside the root of Adam's second moment. */
  public double epsilon() {
    return epsilon;
  }

  /** Returns whether Adam's moments are bias-corrected; the reference does not. */
  public boolean biasCorrection() {
    return biasCorrection;
  }

  /** Returns the global norm that gradients are clipped to, 0 for no clipping. */
  public double maxGradNorm() {
    return maxGradNorm;
  }

  /** Returns whether the loss is averaged over the batch before clipping; the reference sums it. */
  public boolean meanLoss() {
    return meanLoss;
  }

  /** Returns the dropout probability of the whole network, or {@code null} for the model's own. */
  public Double dropout() {
    return dropout;
  }

  /** Returns the head of texts: the reference's linear layer, or the two layers of transformers. */
  public Style headStyle() {
    return headStyle;
  }

  /** Returns how the head for questions finds the two ends of an answer. */
  public SpanStyle spanStyle() {
    return spanStyle;
  }

  /** Returns the weights of the classes in the loss. */
  public ClassWeights classWeights() {
    return classWeights;
  }

  /** Returns how many layers from the bottom, with the embeddings, are not trained; -1: none. */
  public int frozenLayers() {
    return frozenLayers;
  }

  /**
   * Returns the longest sequence, or {@code null} for the paper's: 128, for question answering 512.
   */
  public Integer maxLength() {
    return maxLength;
  }

  /** Returns the tokens from one window of a context to the next. */
  public int stride() {
    return stride;
  }

  /** Returns the most tokens of a question. */
  public int maxQuestion() {
    return maxQuestion;
  }

  /** Returns how answers to questions are chosen when the run judges its models. */
  public AnswerDecoder answers() {
    return answers;
  }

  /** Returns how many models are trained, each with the next seed. */
  public int trials() {
    return trials;
  }

  /** Returns the key of all randomness of the first trial. */
  public long seed() {
    return seed;
  }

  /** Returns the steps between evaluations; 0: at the end of each epoch. */
  public long evalEvery() {
    return evalEvery;
  }

  /**
   * Returns the evaluations in a row without a better score that end a trial; 0: all steps are
   * taken.
   */
  public int patience() {
    return patience;
  }

  /** Returns the steps between log lines. */
  public long logEvery() {
    return logEvery;
  }

  /** Returns the worker threads. */
  public int threads() {
    return threads;
  }

  /** Returns where to compute. */
  public Device device() {
    return device;
  }

  /** Returns the number format. */
  public Precision precision() {
    return precision;
  }
}
