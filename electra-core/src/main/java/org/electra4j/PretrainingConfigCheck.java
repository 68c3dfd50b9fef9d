package org.electra4j;

/** The rules that hold between the values of a {@link PretrainingConfig}. */
final class PretrainingConfigCheck {
  private PretrainingConfigCheck() {}

  static void check(PretrainingConfig c) {
    present("corpus", c.corpus());
    present("objective", c.objective());
    present("tying", c.tying());
    present("model", c.model());
    present("device", c.device());
    present("precision", c.precision());
    require(!c.corpus().isEmpty(), "There is no corpus: give text files or folders.");
    require(c.output() != null, "There is no output folder.");
    require(
        c.vocabulary() != null || c.trainVocabularySize() > 0 || c.initializeFrom() != null,
        "There is no vocabulary: give a file, or ask for one to be trained.");
    require(
        c.vocabulary() == null || c.trainVocabularySize() == 0,
        "A vocabulary file and trainVocabulary exclude each other.");
    positive("steps", c.steps());
    positive("batchSize", c.batchSize());
    positive("gradientAccumulation", c.gradientAccumulation());
    positive("threads", c.threads());
    positive("logEvery", c.logEvery());
    positive("evalBatches", c.evalBatches());
    positive("keepCheckpoints", c.keepCheckpoints());
    notNegative("saveEvery", c.saveEvery());
    notNegative("evalEvery", c.evalEvery());
    notNegative("warmupSteps", c.warmupSteps());
    notNegative("decayPower", c.decayPower());
    notNegative("weightDecay", c.weightDecay());
    notNegative("maxGradNorm", c.maxGradNorm());
    notNegative("generatorWeight", c.generatorWeight());
    notNegative("discriminatorWeight", c.discriminatorWeight());
    require(
        c.learningRate() > 0 && c.learningRate() < 1,
        "learningRate",
        "in (0, 1)",
        c.learningRate());
    require(c.epsilon() > 0, "epsilon", "positive", c.epsilon());
    require(c.temperature() > 0, "temperature", "positive", c.temperature());
    require(c.beta1() >= 0 && c.beta1() < 1, "beta1", "in [0, 1)", c.beta1());
    require(c.beta2() >= 0 && c.beta2() < 1, "beta2", "in [0, 1)", c.beta2());
    require(c.maskProb() > 0 && c.maskProb() < 1, "maskProb", "in (0, 1)", c.maskProb());
    probability("maskTokenProb", c.maskTokenProb());
    probability("shortSequenceProb", c.shortSequenceProb());
    probability("singleSegmentProb", c.singleSegmentProb());
    require(
        c.heldOutShare() >= 0 && c.heldOutShare() < 1,
        "heldOutShare",
        "in [0, 1)",
        c.heldOutShare());
    require(c.seqLength() >= 8, "seqLength", "at least 8", c.seqLength());
    require(
        c.seqLength() <= c.model().maxPositionEmbeddings(),
        "seqLength is "
            + c.seqLength()
            + ", but the model has "
            + c.model().maxPositionEmbeddings()
            + " positions; use a shorter length or a larger maxPositionEmbeddings.");
    if (c.objective().hasGenerator()) {
      c.generatorConfig(c.model().vocabSize());
    }
  }

  private static void present(String field, Object value) {
    require(value != null, field + " must not be null.");
  }

  private static void positive(String field, long value) {
    require(value > 0, field, "positive", value);
  }

  private static void notNegative(String field, double value) {
    require(value >= 0 && value < Double.POSITIVE_INFINITY, field, "zero or positive", value);
  }

  private static void probability(String field, double value) {
    require(value >= 0 && value <= 1, field, "in [0, 1]", value);
  }

  private static void require(boolean holds, String field, String rule, Object value) {
    require(holds, field + " must be " + rule + ", but is " + value + ".");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
