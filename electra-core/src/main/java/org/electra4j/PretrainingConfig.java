package org.electra4j;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.text.TokenizerOptions;

/**
 * Everything that defines a pre-training run. Made by a preset, which is the paper's recipe with
 * every field open: {@code PretrainingConfig.small().corpus(…).vocabulary(…).output(…).build()}.
 * Immutable.
 */
public final class PretrainingConfig {
  private final Builder values;

  private PretrainingConfig(Builder values) {
    this.values = values;
  }

  /**
   * Returns a recipe of our own for a few minutes on a laptop and a few megabytes of text. So few
   * steps ask for short sequences, no dropout, corrected moments, a long warmup and a weak
   * generator (one layer, a quarter as wide): with a stronger one the discriminator does not leave
   * "all original" in time.
   */
  public static Builder tiny() {
    return new Builder()
        .model(ElectraConfig.tiny())
        .generatorSize(0.25)
        .generatorLayers(0.25)
        .seqLength(32)
        .batchSize(32)
        .steps(9_000)
        .learningRate(1e-3)
        .warmupSteps(1_500)
        .biasCorrection(true)
        .heldOutShare(0.02)
        .saveEvery(3_000)
        .logEvery(50)
        .evalEvery(500);
  }

  /** Returns the paper's ELECTRA-Small (Table 6). */
  public static Builder small() {
    return new Builder();
  }

  /** Returns the paper's ELECTRA-Base (Table 6). */
  public static Builder base() {
    return new Builder()
        .model(ElectraConfig.base())
        .generatorSize(1.0 / 3)
        .seqLength(512)
        .batchSize(256)
        .steps(766_000)
        .learningRate(2e-4);
  }

  /** Returns the paper's ELECTRA-Large (Table 6), 400,000 steps. */
  public static Builder large() {
    return new Builder()
        .model(ElectraConfig.large())
        .seqLength(512)
        .batchSize(2048)
        .steps(400_000)
        .learningRate(2e-4)
        .maskProb(0.25);
  }

  /**
   * Returns the preset of this name: tiny, small, base or large.
   *
   * @throws IllegalArgumentException for another name
   */
  public static Builder preset(String name) {
    return switch (name) {
      case "tiny" -> tiny();
      case "small" -> small();
      case "base" -> base();
      case "large" -> large();
      default ->
          throw new IllegalArgumentException(
              "There is no preset \"" + name + "\"; use tiny, small, base or large.");
    };
  }

  /** Returns a builder with the values of this configuration. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Returns the tokenizer's options that {@code lowerCase} and {@code stripAccents} mean. */
  public TokenizerOptions tokenizerOptions() {
    TokenizerOptions options = lowerCase() ? TokenizerOptions.uncased() : TokenizerOptions.cased();
    return options.withStripAccents(stripAccents());
  }

  /** Returns the generator's shape for a vocabulary of this size. */
  public ElectraConfig generatorConfig(int vocabSize) {
    ElectraConfig main = model().withVocabSize(vocabSize);
    if (tying() == Tying.ALL) {
      return main;
    }
    return generator() == null
        ? main.generator(generatorSize(), generatorLayers())
        : generator().withVocabSize(vocabSize);
  }

  /** Returns the text files or folders, plain or gzip, or one prepared corpus. */
  public List<Path> corpus() {
    return values.corpus;
  }

  /** Returns the file of one token a line; {@code null} when one is trained. */
  public Path vocabulary() {
    return values.vocabulary;
  }

  /** Returns the entries of the vocabulary to train from the corpus; 0 when a file is given. */
  public int trainVocabularySize() {
    return values.trainVocabularySize;
  }

  /** Returns whether text is lower-cased. */
  public boolean lowerCase() {
    return values.lowerCase;
  }

  /** Returns whether accents are stripped; {@code null} follows {@code lowerCase}. */
  public Boolean stripAccents() {
    return values.stripAccents;
  }

  /** Returns whether bad UTF-8 becomes U+FFFD instead of an error. */
  public boolean lenient() {
    return values.lenient;
  }

  /** Returns whether a blank line ends a document. */
  public boolean blanksSeparateDocs() {
    return values.blanksSeparateDocs;
  }

  /** Returns the folder of the run. */
  public Path output() {
    return values.output;
  }

  /**
   * Returns the model directory to continue from with fresh moments and schedule, or {@code null}.
   */
  public Path initializeFrom() {
    return values.initializeFrom;
  }

  /** Returns what is trained. */
  public Objective objective() {
    return values.objective;
  }

  /** Returns what generator and discriminator share. */
  public Tying tying() {
    return values.tying;
  }

  /** Returns the shape of the discriminator; the vocabulary's size replaces its vocabSize. */
  public ElectraConfig model() {
    return values.model;
  }

  /** Returns the generator's shape, or {@code null} when the two fractions give it. */
  public ElectraConfig generator() {
    return values.generator;
  }

  /** Returns the generator width over discriminator width. */
  public double generatorSize() {
    return values.generatorSize;
  }

  /** Returns the generator depth over discriminator depth. */
  public double generatorLayers() {
    return values.generatorLayers;
  }

  /** Returns the optimizer steps of the whole run. */
  public long steps() {
    return values.steps;
  }

  /** Returns the sequences a step and accumulated batch. */
  public int batchSize() {
    return values.batchSize;
  }

  /** Returns the batches whose gradients are averaged into one step. */
  public int gradientAccumulation() {
    return values.gradientAccumulation;
  }

  /** Returns the longest sequence, special tokens included. */
  public int seqLength() {
    return values.seqLength;
  }

  /** Returns the peak rate. */
  public double learningRate() {
    return values.learningRate;
  }

  /** Returns the steps of linear warmup. */
  public long warmupSteps() {
    return values.warmupSteps;
  }

  /** Returns the power of the decay to zero, 0 for a constant rate. */
  public double decayPower() {
    return values.decayPower;
  }

  /** Returns the decoupled weight decay. */
  public double weightDecay() {
    return values.weightDecay;
  }

  /** Returns decay of Adam's first moment. */
  public double beta1() {
    return values.beta1;
  }

  /** Returns decay of Adam's second moment. */
  public double beta2() {
    return values.beta2;
  }

  /** Returns added outside the root of Adam's second moment. */
  public double epsilon() {
    return values.epsilon;
  }

  /** Returns whether Adam's moments are bias-corrected; the reference does not. */
  public boolean biasCorrection() {
    return values.biasCorrection;
  }

  /** Returns the global norm that gradients are clipped to; 0 for no clipping. */
  public double maxGradNorm() {
    return values.maxGradNorm;
  }

  /** Returns the share of tokens chosen. */
  public double maskProb() {
    return values.maskProb;
  }

  /** Returns the share of the chosen that show [MASK]. */
  public double maskTokenProb() {
    return values.maskTokenProb;
  }

  /** Returns whether positions are drawn with replacement, as the reference does. */
  public boolean maskWithReplacement() {
    return values.maskWithReplacement;
  }

  /** Returns the temperature of the generator's samples. */
  public double temperature() {
    return values.temperature;
  }

  /** Returns the weight of language-model losses. */
  public double generatorWeight() {
    return values.generatorWeight;
  }

  /** Returns the weight of the replaced-token loss. */
  public double discriminatorWeight() {
    return values.discriminatorWeight;
  }

  /** Returns the share of documents that is never trained on. */
  public double heldOutShare() {
    return values.heldOutShare;
  }

  /** Returns the share of examples with a random shorter length. */
  public double shortSequenceProb() {
    return values.shortSequenceProb;
  }

  /** Returns the share of examples without a second segment. */
  public double singleSegmentProb() {
    return values.singleSegmentProb;
  }

  /**
   * Returns whether the published quirk is kept: short later sentences may go to segment A, out of
   * order.
   */
  public boolean laterSentencesMayJoinFirstSegment() {
    return values.laterSentencesMayJoinFirstSegment;
  }

  /**
   * Returns whether the published quirk is kept: short examples are trimmed to the full length
   * only.
   */
  public boolean trimToMaxLengthOnly() {
    return values.trimToMaxLengthOnly;
  }

  /**
   * Returns whether the published quirk is kept: what does not fit is dropped, not carried over.
   */
  public boolean dropOverflow() {
    return values.dropOverflow;
  }

  /** Returns the key of all randomness. */
  public long seed() {
    return values.seed;
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

  /** Returns the steps between checkpoints; 0: only at the end. */
  public long saveEvery() {
    return values.saveEvery;
  }

  /** Returns the checkpoints that are kept; older ones are deleted. */
  public int keepCheckpoints() {
    return values.keepCheckpoints;
  }

  /** Returns the steps between log lines. */
  public long logEvery() {
    return values.logEvery;
  }

  /** Returns the steps between held-out evaluations; 0: only at the end. */
  public long evalEvery() {
    return values.evalEvery;
  }

  /** Returns the most batches of a held-out evaluation. */
  public int evalBatches() {
    return values.evalBatches;
  }

  /** Collects the values; starts as the paper's ELECTRA-Small. */
  public static final class Builder {
    private List<Path> corpus = List.of();
    private Path vocabulary = null;
    private int trainVocabularySize = 0;
    private boolean lowerCase = true;
    private Boolean stripAccents = null;
    private boolean lenient = false;
    private boolean blanksSeparateDocs = true;
    private Path output = null;
    private Path initializeFrom = null;
    private Objective objective = Objective.ELECTRA;
    private Tying tying = Tying.EMBEDDINGS;
    private ElectraConfig model = ElectraConfig.small();
    private ElectraConfig generator = null;
    private double generatorSize = 0.25;
    private double generatorLayers = 1.0;
    private long steps = 1_000_000;
    private int batchSize = 128;
    private int gradientAccumulation = 1;
    private int seqLength = 128;
    private double learningRate = 5e-4;
    private long warmupSteps = 10_000;
    private double decayPower = 1.0;
    private double weightDecay = 0.01;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-6;
    private boolean biasCorrection = false;
    private double maxGradNorm = 1.0;
    private double maskProb = 0.15;
    private double maskTokenProb = 0.85;
    private boolean maskWithReplacement = false;
    private double temperature = 1.0;
    private double generatorWeight = 1.0;
    private double discriminatorWeight = 50.0;
    private double heldOutShare = 0.005;
    private double shortSequenceProb = 0.05;
    private double singleSegmentProb = 0.1;
    private boolean laterSentencesMayJoinFirstSegment = false;
    private boolean trimToMaxLengthOnly = false;
    private boolean dropOverflow = false;
    private long seed = 42;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Device device = Device.AUTO;
    private Precision precision = Precision.AUTO;
    private long saveEvery = 1_000;
    private int keepCheckpoints = 5;
    private long logEvery = 100;
    private long evalEvery = 1_000;
    private int evalBatches = 100;

    private Builder() {}

    private Builder(Builder other) {
      corpus = other.corpus;
      vocabulary = other.vocabulary;
      trainVocabularySize = other.trainVocabularySize;
      lowerCase = other.lowerCase;
      stripAccents = other.stripAccents;
      lenient = other.lenient;
      blanksSeparateDocs = other.blanksSeparateDocs;
      output = other.output;
      initializeFrom = other.initializeFrom;
      objective = other.objective;
      tying = other.tying;
      model = other.model;
      generator = other.generator;
      generatorSize = other.generatorSize;
      generatorLayers = other.generatorLayers;
      steps = other.steps;
      batchSize = other.batchSize;
      gradientAccumulation = other.gradientAccumulation;
      seqLength = other.seqLength;
      learningRate = other.learningRate;
      warmupSteps = other.warmupSteps;
      decayPower = other.decayPower;
      weightDecay = other.weightDecay;
      beta1 = other.beta1;
      beta2 = other.beta2;
      epsilon = other.epsilon;
      biasCorrection = other.biasCorrection;
      maxGradNorm = other.maxGradNorm;
      maskProb = other.maskProb;
      maskTokenProb = other.maskTokenProb;
      maskWithReplacement = other.maskWithReplacement;
      temperature = other.temperature;
      generatorWeight = other.generatorWeight;
      discriminatorWeight = other.discriminatorWeight;
      heldOutShare = other.heldOutShare;
      shortSequenceProb = other.shortSequenceProb;
      singleSegmentProb = other.singleSegmentProb;
      laterSentencesMayJoinFirstSegment = other.laterSentencesMayJoinFirstSegment;
      trimToMaxLengthOnly = other.trimToMaxLengthOnly;
      dropOverflow = other.dropOverflow;
      seed = other.seed;
      threads = other.threads;
      device = other.device;
      precision = other.precision;
      saveEvery = other.saveEvery;
      keepCheckpoints = other.keepCheckpoints;
      logEvery = other.logEvery;
      evalEvery = other.evalEvery;
      evalBatches = other.evalBatches;
    }

    /** Sets the text: files or folders, plain or gzip, or one prepared corpus. */
    public Builder corpus(Path... paths) {
      this.corpus = List.of(paths);
      return this;
    }

    /** Sets the file of one token a line; {@code null} when one is trained. */
    public Builder vocabulary(Path value) {
      this.vocabulary = value;
      return this;
    }

    /** Asks for a vocabulary of this many entries trained from the corpus. */
    public Builder trainVocabulary(int size) {
      this.trainVocabularySize = size;
      this.vocabulary = null;
      return this;
    }

    /** Sets whether text is lower-cased. */
    public Builder lowerCase(boolean value) {
      this.lowerCase = value;
      return this;
    }

    /** Sets whether accents are stripped; {@code null} follows {@code lowerCase}. */
    public Builder stripAccents(Boolean value) {
      this.stripAccents = value;
      return this;
    }

    /** Sets whether bad UTF-8 becomes U+FFFD instead of an error. */
    public Builder lenient(boolean value) {
      this.lenient = value;
      return this;
    }

    /** Sets whether a blank line ends a document. */
    public Builder blanksSeparateDocs(boolean value) {
      this.blanksSeparateDocs = value;
      return this;
    }

    /** Sets the folder of the run. */
    public Builder output(Path value) {
      this.output = value;
      return this;
    }

    /**
     * Sets the model directory to continue from with fresh moments and schedule, or {@code null}.
     */
    public Builder initializeFrom(Path value) {
      this.initializeFrom = value;
      return this;
    }

    /** Sets what is trained. */
    public Builder objective(Objective value) {
      this.objective = value;
      return this;
    }

    /** Sets what generator and discriminator share. */
    public Builder tying(Tying value) {
      this.tying = value;
      return this;
    }

    /** Sets the shape of the discriminator; the vocabulary's size replaces its vocabSize. */
    public Builder model(ElectraConfig value) {
      this.model = value;
      return this;
    }

    /** Sets the generator's shape; {@code null} when the two fractions give it. */
    public Builder generator(ElectraConfig value) {
      this.generator = value;
      return this;
    }

    /** Sets the generator width over discriminator width. */
    public Builder generatorSize(double value) {
      this.generatorSize = value;
      return this;
    }

    /** Sets the generator depth over discriminator depth. */
    public Builder generatorLayers(double value) {
      this.generatorLayers = value;
      return this;
    }

    /** Sets the optimizer steps of the whole run. */
    public Builder steps(long value) {
      this.steps = value;
      return this;
    }

    /** Sets the sequences a step and accumulated batch. */
    public Builder batchSize(int value) {
      this.batchSize = value;
      return this;
    }

    /** Sets the batches whose gradients are averaged into one step. */
    public Builder gradientAccumulation(int value) {
      this.gradientAccumulation = value;
      return this;
    }

    /** Sets the longest sequence, special tokens included. */
    public Builder seqLength(int value) {
      this.seqLength = value;
      return this;
    }

    /** Sets the peak rate. */
    public Builder learningRate(double value) {
      this.learningRate = value;
      return this;
    }

    /** Sets the steps of linear warmup. */
    public Builder warmupSteps(long value) {
      this.warmupSteps = value;
      return this;
    }

    /** Sets the power of the decay to zero, 0 for a constant rate. */
    public Builder decayPower(double value) {
      this.decayPower = value;
      return this;
    }

    /** Sets the decoupled weight decay. */
    public Builder weightDecay(double value) {
      this.weightDecay = value;
      return this;
    }

    /** Sets the decay of Adam's first moment. */
    public Builder beta1(double value) {
      this.beta1 = value;
      return this;
    }

    /** Sets the decay of Adam's second moment. */
    public Builder beta2(double value) {
      this.beta2 = value;
      return this;
    }

    /** Sets the added outside the root of Adam's second moment. */
    public Builder epsilon(double value) {
      this.epsilon = value;
      return this;
    }

    /** Sets whether Adam's moments are bias-corrected; the reference does not. */
    public Builder biasCorrection(boolean value) {
      this.biasCorrection = value;
      return this;
    }

    /** Sets the global norm that gradients are clipped to; 0 for no clipping. */
    public Builder maxGradNorm(double value) {
      this.maxGradNorm = value;
      return this;
    }

    /** Sets the share of tokens chosen. */
    public Builder maskProb(double value) {
      this.maskProb = value;
      return this;
    }

    /** Sets the share of the chosen that show [MASK]. */
    public Builder maskTokenProb(double value) {
      this.maskTokenProb = value;
      return this;
    }

    /** Sets whether positions are drawn with replacement, as the reference does. */
    public Builder maskWithReplacement(boolean value) {
      this.maskWithReplacement = value;
      return this;
    }

    /** Sets the temperature of the generator's samples. */
    public Builder temperature(double value) {
      this.temperature = value;
      return this;
    }

    /** Sets the weight of language-model losses. */
    public Builder generatorWeight(double value) {
      this.generatorWeight = value;
      return this;
    }

    /** Sets the weight of the replaced-token loss. */
    public Builder discriminatorWeight(double value) {
      this.discriminatorWeight = value;
      return this;
    }

    /** Sets the share of documents that is never trained on. */
    public Builder heldOutShare(double value) {
      this.heldOutShare = value;
      return this;
    }

    /** Sets the share of examples with a random shorter length. */
    public Builder shortSequenceProb(double value) {
      this.shortSequenceProb = value;
      return this;
    }

    /** Sets the share of examples without a second segment. */
    public Builder singleSegmentProb(double value) {
      this.singleSegmentProb = value;
      return this;
    }

    /** Sets the published quirk: short later sentences may go to segment A, out of order. */
    public Builder laterSentencesMayJoinFirstSegment(boolean value) {
      this.laterSentencesMayJoinFirstSegment = value;
      return this;
    }

    /** Sets the published quirk: short examples are trimmed to the full length only. */
    public Builder trimToMaxLengthOnly(boolean value) {
      this.trimToMaxLengthOnly = value;
      return this;
    }

    /** Sets the published quirk: what does not fit is dropped, not carried over. */
    public Builder dropOverflow(boolean value) {
      this.dropOverflow = value;
      return this;
    }

    /** Sets the key of all randomness. */
    public Builder seed(long value) {
      this.seed = value;
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

    /** Sets the steps between checkpoints; 0: only at the end. */
    public Builder saveEvery(long value) {
      this.saveEvery = value;
      return this;
    }

    /** Sets the checkpoints that are kept; older ones are deleted. */
    public Builder keepCheckpoints(int value) {
      this.keepCheckpoints = value;
      return this;
    }

    /** Sets the steps between log lines. */
    public Builder logEvery(long value) {
      this.logEvery = value;
      return this;
    }

    /** Sets the steps between held-out evaluations; 0: only at the end. */
    public Builder evalEvery(long value) {
      this.evalEvery = value;
      return this;
    }

    /** Sets the most batches of a held-out evaluation. */
    public Builder evalBatches(int value) {
      this.evalBatches = value;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException naming the value that cannot be and what would be right
     */
    public PretrainingConfig build() {
      Builder copy = new Builder(this);
      PretrainingConfig config = new PretrainingConfig(copy);
      PretrainingConfigCheck.check(config);
      return config;
    }
  }
}
