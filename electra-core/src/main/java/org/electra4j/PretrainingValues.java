package org.electra4j;

import java.nio.file.Path;
import java.util.List;

/**
 * The values of a {@link PretrainingConfig}; at first those of the paper's ELECTRA-Small. {@code
 * run.json} has them under the names of the fields.
 */
abstract class PretrainingValues implements Cloneable {
  List<Path> corpus = List.of();
  Path vocabulary;
  int trainVocabularySize;
  boolean lowerCase = true;
  Boolean stripAccents;
  boolean lenient;
  boolean blanksSeparateDocs = true;
  Path output;
  Path initializeFrom;
  Objective objective = Objective.ELECTRA;
  Tying tying = Tying.EMBEDDINGS;
  ElectraConfig model = ElectraConfig.small();
  ElectraConfig generator;
  double generatorSize = 0.25;
  double generatorLayers = 1.0;
  long steps = 1_000_000;
  int batchSize = 128;
  int gradientAccumulation = 1;
  int seqLength = 128;
  double learningRate = 5e-4;
  long warmupSteps = 10_000;
  double decayPower = 1.0;
  double weightDecay = 0.01;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-6;
  boolean biasCorrection;
  double maxGradNorm = 1.0;
  double maskProb = 0.15;
  double maskTokenProb = 0.85;
  boolean maskWithReplacement;
  double temperature = 1.0;
  double generatorWeight = 1.0;
  double discriminatorWeight = 50.0;
  double heldOutShare = 0.005;
  double shortSequenceProb = 0.05;
  double singleSegmentProb = 0.1;
  boolean laterSentencesMayJoinFirstSegment;
  boolean trimToMaxLengthOnly;
  boolean dropOverflow;
  long seed = 42;
  int threads = Runtime.getRuntime().availableProcessors();
  Device device = Device.AUTO;
  Precision precision = Precision.AUTO;
  long saveEvery = 1_000;
  int keepCheckpoints = 5;
  long logEvery = 100;
  long evalEvery = 1_000;
  int evalBatches = 100;

  PretrainingValues() {}

  @Override
  protected PretrainingValues clone() {
    try {
      return (PretrainingValues) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the text files or folders, plain or gzip, or one prepared corpus. */
  public List<Path> corpus() {
    return corpus;
  }

  /** Returns the file of one token a line; {@code null} when one is trained. */
  public Path vocabulary() {
    return vocabulary;
  }

  /**
   * Returns how many entries the vocabulary trained from the corpus gets; 0 when a file is given.
   */
  public int trainVocabularySize() {
    return trainVocabularySize;
  }

  /** Returns whether text is lower-cased. */
  public boolean lowerCase() {
    return lowerCase;
  }

  /** Returns whether accents are stripped; {@code null} follows {@code lowerCase}. */
  public Boolean stripAccents() {
    return stripAccents;
  }

  /** Returns whether bad UTF-8 becomes U+FFFD instead of an error. */
  public boolean lenient() {
    return lenient;
  }

  /** Returns whether a blank line ends a document. */
  public boolean blanksSeparateDocs() {
    return blanksSeparateDocs;
  }

  /** Returns the folder of the run. */
  public Path output() {
    return output;
  }

  /**
   * Returns the model directory to continue from with fresh moments and schedule, or {@code null}.
   */
  public Path initializeFrom() {
    return initializeFrom;
  }

  /** Returns what is trained. */
  public Objective objective() {
    return objective;
  }

  /** Returns what generator and discriminator share. */
  public Tying tying() {
    return tying;
  }

  /** Returns the shape of the discriminator; the vocabulary's size replaces its vocabSize. */
  public ElectraConfig model() {
    return model;
  }

  /** Returns the generator's shape, or {@code null} when the two fractions give it. */
  public ElectraConfig generator() {
    return generator;
  }

  /** Returns the generator's width over the discriminator's. */
  public double generatorSize() {
    return generatorSize;
  }

  /** Returns the generator's depth over the discriminator's. */
  public double generatorLayers() {
    return generatorLayers;
  }

  /** Returns the optimizer steps of the whole run. */
  public long steps() {
    return steps;
  }

  /** Returns the sequences of a batch; a step takes {@link #gradientAccumulation} of them. */
  public int batchSize() {
    return batchSize;
  }

  /** Returns the batches whose gradients are averaged into one step. */
  public int gradientAccumulation() {
    return gradientAccumulation;
  }

  /** Returns the longest sequence, special tokens included. */
  public int seqLength() {
    return seqLength;
  }

  /** Returns the peak learning rate. */
  public double learningRate() {
    return learningRate;
  }

  /** Returns the steps of linear warmup. */
  public long warmupSteps() {
    return warmupSteps;
  }

  /** Returns the power of the decay to zero, 0 for a constant rate. */
  public double decayPower() {
    return decayPower;
  }

  /** Returns the decoupled weight decay. */
  public double weightDecay() {
    return weightDecay;
  }

  /** Returns the decay of Adam's first moment. */
  public double beta1() {
    return beta1;
  }

  /** Returns the decay of Adam's second moment. */
  public double beta2() {
    return beta2;
  }

  /** Returns what is added outside the root of Adam's second moment. */
  public double epsilon() {
    return epsilon;
  }

  /** Returns whether Adam's moments are bias-corrected; the reference does not. */
  public boolean biasCorrection() {
    return biasCorrection;
  }

  /** Returns the global norm that gradients are clipped to; 0 for no clipping. */
  public double maxGradNorm() {
    return maxGradNorm;
  }

  /** Returns the share of the tokens that are chosen for the generator to fill in. */
  public double maskProb() {
    return maskProb;
  }

  /** Returns the share of the chosen that show [MASK]. */
  public double maskTokenProb() {
    return maskTokenProb;
  }

  /** Returns whether positions are drawn with replacement, as the reference does. */
  public boolean maskWithReplacement() {
    return maskWithReplacement;
  }

  /** Returns the temperature of the generator's samples. */
  public double temperature() {
    return temperature;
  }

  /** Returns the weight of language-model losses. */
  public double generatorWeight() {
    return generatorWeight;
  }

  /** Returns the weight of the replaced-token loss. */
  public double discriminatorWeight() {
    return discriminatorWeight;
  }

  /** Returns the share of documents that is never trained on. */
  public double heldOutShare() {
    return heldOutShare;
  }

  /** Returns the share of examples with a random shorter length. */
  public double shortSequenceProb() {
    return shortSequenceProb;
  }

  /** Returns the share of examples without a second segment. */
  public double singleSegmentProb() {
    return singleSegmentProb;
  }

  /**
   * Returns whether the published quirk is kept: short later sentences may go to segment A, out of
   * order.
   */
  public boolean laterSentencesMayJoinFirstSegment() {
    return laterSentencesMayJoinFirstSegment;
  }

  /**
   * Returns whether the published quirk is kept: short examples are trimmed to the full length
   * only.
   */
  public boolean trimToMaxLengthOnly() {
    return trimToMaxLengthOnly;
  }

  /**
   * Returns whether the published quirk is kept: what does not fit is dropped, not carried over.
   */
  public boolean dropOverflow() {
    return dropOverflow;
  }

  /** Returns the key of all randomness. */
  public long seed() {
    return seed;
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

  /** Returns the steps between checkpoints; 0: only at the end. */
  public long saveEvery() {
    return saveEvery;
  }

  /** Returns the checkpoints that are kept; older ones are deleted. */
  public int keepCheckpoints() {
    return keepCheckpoints;
  }

  /** Returns the steps between log lines. */
  public long logEvery() {
    return logEvery;
  }

  /** Returns the steps between held-out evaluations; 0: only at the end. */
  public long evalEvery() {
    return evalEvery;
  }

  /** Returns the most batches of a held-out evaluation. */
  public int evalBatches() {
    return evalBatches;
  }
}
