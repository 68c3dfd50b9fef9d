package org.electra4j;

import java.nio.file.Path;
import java.util.List;
import org.electra4j.text.TokenizerOptions;

/**
 * Everything that defines a pre-training run. Made by a preset, which is the paper's recipe with
 * every field open: {@code PretrainingConfig.small().corpus(…).vocabulary(…).output(…).build()}.
 * Immutable.
 */
public final class PretrainingConfig extends PretrainingValues {

  private PretrainingConfig() {}

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
    return new Builder(this);
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

  /** Collects the values of a configuration. */
  public static final class Builder {
    private final PretrainingConfig values;

    private Builder() {
      this(new PretrainingConfig());
    }

    private Builder(PretrainingConfig values) {
      this.values = (PretrainingConfig) values.clone();
    }

    /** Sets the text: files or folders, plain or gzip, or one prepared corpus. */
    public Builder corpus(Path... paths) {
      values.corpus = List.of(paths);
      return this;
    }

    /** Sets the vocabulary: a file of one token a line; {@code null} when one is trained. */
    public Builder vocabulary(Path value) {
      values.vocabulary = value;
      return this;
    }

    /** Asks for a vocabulary of this many entries trained from the corpus. */
    public Builder trainVocabulary(int size) {
      values.trainVocabularySize = size;
      values.vocabulary = null;
      return this;
    }

    /** Sets whether text is lower-cased. */
    public Builder lowerCase(boolean value) {
      values.lowerCase = value;
      return this;
    }

    /** Sets whether accents are stripped; {@code null} follows {@code lowerCase}. */
    public Builder stripAccents(Boolean value) {
      values.stripAccents = value;
      return this;
    }

    /** Sets whether bad UTF-8 becomes U+FFFD instead of an error. */
    public Builder lenient(boolean value) {
      values.lenient = value;
      return this;
    }

    /** Sets whether a blank line ends a document. */
    public Builder blanksSeparateDocs(boolean value) {
      values.blanksSeparateDocs = value;
      return this;
    }

    /** Sets the folder of the run. */
    public Builder output(Path value) {
      values.output = value;
      return this;
    }

    /**
     * Sets the model directory to continue from with fresh moments and schedule, or {@code null}.
     */
    public Builder initializeFrom(Path value) {
      values.initializeFrom = value;
      return this;
    }

    /** Sets what is trained. */
    public Builder objective(Objective value) {
      values.objective = value;
      return this;
    }

    /** Sets what generator and discriminator share. */
    public Builder tying(Tying value) {
      values.tying = value;
      return this;
    }

    /** Sets the shape of the discriminator; the vocabulary's size replaces its vocabSize. */
    public Builder model(ElectraConfig value) {
      values.model = value;
      return this;
    }

    /** Sets the generator's shape; {@code null} when the two fractions give it. */
    public Builder generator(ElectraConfig value) {
      values.generator = value;
      return this;
    }

    /** Sets the generator's width over the discriminator's. */
    public Builder generatorSize(double value) {
      values.generatorSize = value;
      return this;
    }

    /** Sets the generator's depth over the discriminator's. */
    public Builder generatorLayers(double value) {
      values.generatorLayers = value;
      return this;
    }

    /** Sets the optimizer steps of the whole run. */
    public Builder steps(long value) {
      values.steps = value;
      return this;
    }

    /** Sets the sequences of a batch; a step takes {@code gradientAccumulation} of them. */
    public Builder batchSize(int value) {
      values.batchSize = value;
      return this;
    }

    /** Sets the batches whose gradients are averaged into one step. */
    public Builder gradientAccumulation(int value) {
      values.gradientAccumulation = value;
      return this;
    }

    /** Sets the longest sequence, special tokens included. */
    public Builder seqLength(int value) {
      values.seqLength = value;
      return this;
    }

    /** Sets the peak learning rate. */
    public Builder learningRate(double value) {
      values.learningRate = value;
      return this;
    }

    /** Sets the steps of linear warmup. */
    public Builder warmupSteps(long value) {
      values.warmupSteps = value;
      return this;
    }

    /** Sets the power of the decay to zero, 0 for a constant rate. */
    public Builder decayPower(double value) {
      values.decayPower = value;
      return this;
    }

    /** Sets the decoupled weight decay. */
    public Builder weightDecay(double value) {
      values.weightDecay = value;
      return this;
    }

    /** Sets the decay of Adam's first moment. */
    public Builder beta1(double value) {
      values.beta1 = value;
      return this;
    }

    /** Sets the decay of Adam's second moment. */
    public Builder beta2(double value) {
      values.beta2 = value;
      return this;
    }

    /** Sets what is added outside the root of Adam's second moment. */
    public Builder epsilon(double value) {
      values.epsilon = value;
      return this;
    }

    /** Sets whether Adam's moments are bias-corrected; the reference does not. */
    public Builder biasCorrection(boolean value) {
      values.biasCorrection = value;
      return this;
    }

    /** Sets the global norm that gradients are clipped to; 0 for no clipping. */
    public Builder maxGradNorm(double value) {
      values.maxGradNorm = value;
      return this;
    }

    /** Sets the share of the tokens that are chosen for the generator to fill in. */
    public Builder maskProb(double value) {
      values.maskProb = value;
      return this;
    }

    /** Sets the share of the chosen that show [MASK]. */
    public Builder maskTokenProb(double value) {
      values.maskTokenProb = value;
      return this;
    }

    /** Sets whether positions are drawn with replacement, as the reference does. */
    public Builder maskWithReplacement(boolean value) {
      values.maskWithReplacement = value;
      return this;
    }

    /** Sets the temperature of the generator's samples. */
    public Builder temperature(double value) {
      values.temperature = value;
      return this;
    }

    /** Sets the weight of language-model losses. */
    public Builder generatorWeight(double value) {
      values.generatorWeight = value;
      return this;
    }

    /** Sets the weight of the replaced-token loss. */
    public Builder discriminatorWeight(double value) {
      values.discriminatorWeight = value;
      return this;
    }

    /** Sets the share of documents that is never trained on. */
    public Builder heldOutShare(double value) {
      values.heldOutShare = value;
      return this;
    }

    /** Sets the share of examples with a random shorter length. */
    public Builder shortSequenceProb(double value) {
      values.shortSequenceProb = value;
      return this;
    }

    /** Sets the share of examples without a second segment. */
    public Builder singleSegmentProb(double value) {
      values.singleSegmentProb = value;
      return this;
    }

    /**
     * Sets whether to keep the published quirk: short later sentences may go to segment A, out of
     * order.
     */
    public Builder laterSentencesMayJoinFirstSegment(boolean value) {
      values.laterSentencesMayJoinFirstSegment = value;
      return this;
    }

    /**
     * Sets whether to keep the published quirk: short examples are trimmed to the full length only.
     */
    public Builder trimToMaxLengthOnly(boolean value) {
      values.trimToMaxLengthOnly = value;
      return this;
    }

    /** Sets whether to keep the published quirk: what does not fit is dropped, not carried over. */
    public Builder dropOverflow(boolean value) {
      values.dropOverflow = value;
      return this;
    }

    /** Sets the key of all randomness. */
    public Builder seed(long value) {
      values.seed = value;
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

    /** Sets the steps between checkpoints; 0: only at the end. */
    public Builder saveEvery(long value) {
      values.saveEvery = value;
      return this;
    }

    /** Sets the checkpoints that are kept; older ones are deleted. */
    public Builder keepCheckpoints(int value) {
      values.keepCheckpoints = value;
      return this;
    }

    /** Sets the steps between log lines. */
    public Builder logEvery(long value) {
      values.logEvery = value;
      return this;
    }

    /** Sets the steps between held-out evaluations; 0: only at the end. */
    public Builder evalEvery(long value) {
      values.evalEvery = value;
      return this;
    }

    /** Sets the most batches of a held-out evaluation. */
    public Builder evalBatches(int value) {
      values.evalBatches = value;
      return this;
    }

    /**
     * Returns the configuration.
     *
     * @throws IllegalArgumentException naming the value that cannot be and what would be right
     */
    public PretrainingConfig build() {
      PretrainingConfig config = (PretrainingConfig) values.clone();
      PretrainingConfigCheck.check(config);
      return config;
    }
  }
}
