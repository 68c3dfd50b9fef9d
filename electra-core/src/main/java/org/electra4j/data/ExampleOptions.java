package org.electra4j.data;

/**
 * How documents become examples, after google-research/electra, {@code
 * build_pretraining_dataset.py}; its quirks are switches that are off by default.
 *
 * <p>An example takes sentences of one document until its target length is reached. The target is
 * {@code seqLength}, or with {@code shortSequenceProbability} a uniform integer in [5, {@code
 * seqLength}]. With {@code singleSegmentProbability} all goes to segment A. Otherwise A has the
 * target {@code (target - 3) / 2}: a sentence joins A if A is empty, or stays below its target with
 * it, or, once, by a fair coin; everything after that goes to segment B, which directly follows A
 * in the text.
 *
 * <p>By default no token is lost: what does not fit begins the next example of the document, and a
 * sentence too long for an example of two segments is cut at A's target, so that corpora with a
 * whole document on a line train both segments too. The first example of a document draws its
 * target as every other (the published code starts each process with the full length).
 *
 * @param seqLength longest example in tokens, [CLS] and [SEP] included
 * @param shortSequenceProbability share of examples with a random target
 * @param singleSegmentProbability share of examples with segment A alone
 * @param heldOutShare share of the documents that is never trained on; see {@link PretrainingData}
 * @param laterSentencesMayJoinFirstSegment quirk: a short sentence may still join A after others
 *     went to B, which breaks the order of the text
 * @param trimToMaxLengthOnly quirk: examples are cut at {@code seqLength} only, so that one with a
 *     short target may be longer than it
 * @param dropOverflow quirk: sentences are assigned whole and what is cut off is lost; a sentence
 *     too long for the example leaves segment A alone
 */
public record ExampleOptions(
    int seqLength,
    double shortSequenceProbability,
    double singleSegmentProbability,
    double heldOutShare,
    boolean laterSentencesMayJoinFirstSegment,
    boolean trimToMaxLengthOnly,
    boolean dropOverflow) {

  /** Shortest target: [CLS] a [SEP] b [SEP]. */
  static final int MIN_LENGTH = 5;

  private static final int MAX_LENGTH = 1 << 20;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if {@code seqLength} is below 5, a probability is outside [0,
   *     1] or {@code heldOutShare} is outside [0, 1)
   */
  public ExampleOptions {
    if (seqLength < MIN_LENGTH || seqLength > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "seqLength must be in [" + MIN_LENGTH + ", " + MAX_LENGTH + "], got " + seqLength);
    }
    requireProbability("shortSequenceProbability", shortSequenceProbability);
    requireProbability("singleSegmentProbability", singleSegmentProbability);
    if (!(heldOutShare >= 0 && heldOutShare < 1)) {
      throw new IllegalArgumentException("heldOutShare must be in [0, 1), got " + heldOutShare);
    }
  }

  private static void requireProbability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1], got " + value);
    }
  }

  /** Returns the defaults: 5 % short, 10 % single, 0.5 % held out, no quirks. */
  public static ExampleOptions of(int seqLength) {
    return new ExampleOptions(seqLength, 0.05, 0.1, 0.005, false, false, false);
  }

  /** Returns the published behaviour: the defaults with every quirk. */
  public static ExampleOptions published(int seqLength) {
    return new ExampleOptions(seqLength, 0.05, 0.1, 0.005, true, true, true);
  }

  /** Returns a copy with another {@link #shortSequenceProbability}. */
  public ExampleOptions withShortSequenceProbability(double value) {
    return new ExampleOptions(
        seqLength,
        value,
        singleSegmentProbability,
        heldOutShare,
        laterSentencesMayJoinFirstSegment,
        trimToMaxLengthOnly,
        dropOverflow);
  }

  /** Returns a copy with another {@link #singleSegmentProbability}. */
  public ExampleOptions withSingleSegmentProbability(double value) {
    return new ExampleOptions(
        seqLength,
        shortSequenceProbability,
        value,
        heldOutShare,
        laterSentencesMayJoinFirstSegment,
        trimToMaxLengthOnly,
        dropOverflow);
  }

  /** Returns a copy with another {@link #heldOutShare}. */
  public ExampleOptions withHeldOutShare(double value) {
    return new ExampleOptions(
        seqLength,
        shortSequenceProbability,
        singleSegmentProbability,
        value,
        laterSentencesMayJoinFirstSegment,
        trimToMaxLengthOnly,
        dropOverflow);
  }

  /** Returns a copy with other quirks. */
  public ExampleOptions withQuirks(
      boolean laterSentencesMayJoinFirstSegment,
      boolean trimToMaxLengthOnly,
      boolean dropOverflow) {
    return new ExampleOptions(
        seqLength,
        shortSequenceProbability,
        singleSegmentProbability,
        heldOutShare,
        laterSentencesMayJoinFirstSegment,
        trimToMaxLengthOnly,
        dropOverflow);
  }
}
