package org.electra4j.data;

import java.io.IOException;

/**
 * The training batches of a corpus in shuffled order, and its held-out batches.
 *
 * <p>Position p of the endless stream of examples is example {@code permutation(p / n)(p % n)} of
 * n, with a {@link KeyedPermutation} for each epoch; batch b takes positions {@code b * batchSize
 * …}, across the ends of epochs. So a batch is a function of corpus, options, seed and its number.
 *
 * <p>Held out are the documents whose draw, a function of the document's number alone, is below
 * {@link ExampleOptions#heldOutShare}; if that is none, the one with the smallest draw. The longest
 * document is always trained on. Of a corpus that is one document, its last sentences are held out,
 * as few as make up the share; where these would be more than about half of it, it is cut inside a
 * sentence instead.
 *
 * <p>Thread-safe. The corpus stays the caller's to close.
 */
public final class PretrainingData implements BatchSource {
  private final ExampleIndex training;
  private final HeldOutData heldOut;
  private final int batchSize;
  private final long seed;

  private PretrainingData(ExampleIndex training, HeldOutData heldOut, int batchSize, long seed) {
    this.training = training;
    this.heldOut = heldOut;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  /**
   * Opens the data of a corpus, building the indexes of its examples on first use.
   *
   * @throws IllegalArgumentException if {@code batchSize} is not positive, or greater than the
   *     number of training examples
   * @throws IOException if an index cannot be read or written, with the path in the message
   * @throws InterruptedException if the thread is interrupted while an index is built
   */
  public static PretrainingData open(
      TokenizedCorpus corpus, ExampleOptions options, int batchSize, long seed)
      throws IOException, InterruptedException {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    ExampleIndex training = ExampleIndex.open(corpus, options, seed, false);
    if (batchSize > training.examples()) {
      throw new IllegalArgumentException(
          "A batch of "
              + batchSize
              + " is larger than the corpus, which gives "
              + training.examples()
              + " training examples. Use a smaller batch, a shorter sequence length or more text.");
    }
    HeldOutData heldOut =
        new HeldOutData(ExampleIndex.open(corpus, options, seed, true), batchSize);
    return new PretrainingData(training, heldOut, batchSize, seed);
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public long examples() {
    return training.examples();
  }

  /** Returns the held-out batches; closed with this. */
  public HeldOutData heldOut() {
    return heldOut;
  }

  @Override
  public PretrainingBatch batch(long number) {
    if (number < 0 || number > Long.MAX_VALUE / batchSize - 1) {
      throw new IndexOutOfBoundsException("There is no batch " + number);
    }
    long n = training.examples();
    long position = number * batchSize;
    long[] examples = new long[batchSize];
    KeyedPermutation order = null;
    long orderEpoch = -1;
    for (int i = 0; i < batchSize; i++, position++) {
      if (position / n != orderEpoch) {
        orderEpoch = position / n;
        order = new KeyedPermutation(n, seed, orderEpoch);
      }
      examples[i] = order.apply(position % n);
    }
    return HeldOutData.pack(training, examples);
  }

  @Override
  public void close() {
    training.close();
    heldOut.close();
  }
}
