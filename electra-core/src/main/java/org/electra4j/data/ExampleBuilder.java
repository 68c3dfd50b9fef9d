package org.electra4j.data;

import java.io.IOException;
import java.util.Arrays;
import org.electra4j.backend.Philox;
import org.electra4j.backend.RandomStreams;

/**
 * Cuts documents into examples as {@link ExampleOptions} says.
 *
 * <p>Example e of document d draws from Philox block e of step d, stream {@link
 * RandomStreams#EXAMPLES}: words 0 and 1 give the target length, 2 the single segment, 3 the coin
 * (there is at most one, as it takes an empty B and either fills it or fills A).
 */
final class ExampleBuilder {

  /** Takes an example: its pieces of text, those of A first, each made by {@link #piece}. */
  interface Sink {
    void example(long[] pieces, int count) throws IOException, InterruptedException;
  }

  private static final int LENGTH_BITS = 23;

  private final TokenizedCorpus corpus;
  private final ExampleOptions options;
  private final long seed;
  private final Sink sink;
  private final int[] words = new int[4];
  private final Ranges sentences = new Ranges();
  private final Ranges first = new Ranges();
  private final Ranges second = new Ranges();
  private long[] pieces = new long[16];
  private int target;
  private int firstTarget;
  private boolean coin;

  ExampleBuilder(TokenizedCorpus corpus, ExampleOptions options, long seed, Sink sink) {
    this.corpus = corpus;
    this.options = options;
    this.seed = seed;
    this.sink = sink;
  }

  /**
   * Returns a run of tokens of one segment as a number: start, 23 bits of length, 1 bit of segment.
   */
  static long piece(long start, int length, int segment) {
    return start << LENGTH_BITS + 1 | (long) length << 1 | segment;
  }

  static long pieceStart(long piece) {
    return piece >>> LENGTH_BITS + 1;
  }

  static int pieceLength(long piece) {
    return (int) (piece >>> 1) & (1 << LENGTH_BITS) - 1;
  }

  static int pieceSegment(long piece) {
    return (int) piece & 1;
  }

  /** Cuts tokens {@code [from, to)} of a document. */
  void document(long document, long from, long to) throws IOException, InterruptedException {
    long sentence = corpus.documentStart(document);
    long position = from;
    for (long example = 0; position < to; example++) {
      draw(document, example);
      while (corpus.sentenceStart(sentence + 1) <= position) {
        sentence++;
      }
      collect(sentence, position, to);
      first.clear();
      second.clear();
      position += options.dropOverflow() ? assignWhole() : fill();
      emit();
    }
  }

  private void draw(long document, long example) {
    Philox.block(seed, RandomStreams.EXAMPLES, document, example, words);
    target = options.seqLength();
    if (uniform(words[0]) < options.shortSequenceProbability()) {
      int choices = target - ExampleOptions.MIN_LENGTH + 1;
      target = ExampleOptions.MIN_LENGTH + (int) ((words[1] & 0xFFFFFFFFL) * choices >>> 32);
    }
    boolean single = uniform(words[2]) < options.singleSegmentProbability();
    firstTarget = single ? Integer.MAX_VALUE : (target - 3) / 2;
    coin = words[3] < 0;
  }

  private static float uniform(int word) {
    return (word >>> 8) * 0x1p-24f;
  }

  /** Gathers sentences, the first perhaps the rest of one, until they reach the target. */
  private void collect(long firstSentence, long position, long to) {
    sentences.clear();
    long start = position;
    for (long s = firstSentence; sentences.total < target && start < to; s++) {
      long end = Math.min(corpus.sentenceStart(s + 1), to);
      sentences.add(start, (int) (end - start));
      start = end;
    }
  }

  private boolean joinsFirst(int length) {
    if (!options.laterSentencesMayJoinFirstSegment() && second.total > 0) {
      return false;
    }
    return first.total == 0
        || (long) first.total + length < firstTarget
        || (second.total == 0 && first.total < firstTarget && coin);
  }

  private int limit() {
    return options.trimToMaxLengthOnly() ? options.seqLength() : target;
  }

  /**
   * Assigns whole sentences, then trims A and B; returns the tokens used up, the lost ones
   * included.
   */
  private int assignWhole() {
    for (int i = 0; i < sentences.count; i++) {
      Ranges segment = joinsFirst(sentences.lengths[i]) ? first : second;
      segment.add(sentences.starts[i], sentences.lengths[i]);
    }
    first.trim(limit() - 2);
    second.trim(Math.max(0, limit() - first.total - 3));
    return sentences.total;
  }

  /** Assigns sentences until the example is full; returns the tokens that found room. */
  private int fill() {
    for (int i = 0; i < sentences.count; i++) {
      long start = sentences.starts[i];
      int left = sentences.lengths[i];
      while (left > 0) {
        boolean joins = joinsFirst(left);
        int take = Math.min(left, room(joins));
        if (first.total == 0 && left > limit() - 3) {
          take = Math.min(take, firstTarget);
        }
        if (take == 0) {
          return first.total + second.total;
        }
        (joins ? first : second).add(start, take);
        start += take;
        left -= take;
      }
    }
    return first.total + second.total;
  }

  private int room(boolean joinsFirst) {
    int separators = joinsFirst && second.total == 0 ? 2 : 3;
    return Math.max(0, limit() - separators - first.total - second.total);
  }

  private void emit() throws IOException, InterruptedException {
    int count = append(first, 0, 0);
    count = append(second, 1, count);
    sink.example(pieces, count);
  }

  /** Adds a segment's ranges, those that touch as one piece. */
  private int append(Ranges segment, int number, int from) {
    int count = from;
    for (int i = 0; i < segment.count; ) {
      long start = segment.starts[i];
      int length = 0;
      while (i < segment.count && segment.starts[i] == start + length) {
        length += segment.lengths[i++];
      }
      if (count == pieces.length) {
        pieces = Arrays.copyOf(pieces, count * 2);
      }
      pieces[count++] = piece(start, length, number);
    }
    return count;
  }

  /** Runs of tokens in order. */
  private static final class Ranges {
    private long[] starts = new long[16];
    private int[] lengths = new int[16];
    private int count;
    private int total;

    void clear() {
      count = 0;
      total = 0;
    }

    void add(long start, int length) {
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, count * 2);
        lengths = Arrays.copyOf(lengths, count * 2);
      }
      starts[count] = start;
      lengths[count++] = length;
      total += length;
    }

    /** Drops tokens from the end until at most {@code limit} are left. */
    void trim(int limit) {
      while (total > limit) {
        int cut = Math.min(lengths[count - 1], total - limit);
        lengths[count - 1] -= cut;
        total -= cut;
        if (lengths[count - 1] == 0) {
          count--;
        }
      }
    }
  }
}
