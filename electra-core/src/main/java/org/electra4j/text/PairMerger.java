package org.electra4j.text;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.electra4j.text.WordPieceTrainer.Progress;
import org.electra4j.text.WordPieceTrainer.Stage;

/**
 * Byte-pair merging: joins the most frequent pair of neighbouring symbols in all words, again and
 * again (Sennrich et al. 2016, algorithm 1), with the queue of Hugging Face's BpeTrainer.
 *
 * <p>A pair is one long, left id in the upper half. A queue entry knows the words that gained the
 * pair when it was made; its count may be stale and is refreshed when it reaches the top.
 */
final class PairMerger {
  private static final String CONTINUATION = "##";

  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();
  private final int[][] words;
  private final int[] lengths;
  private final long[] wordCounts;
  private final PairCounts pairCounts = new PairCounts();
  private final PriorityQueue<Entry> queue = new PriorityQueue<>();

  /** The words that gained each pair since the queue was last fed. */
  private final Map<Long, IntList> gained = new HashMap<>();

  /**
   * Creates the merger.
   *
   * @param tokens the vocabulary so far: special tokens and characters
   * @param words the words and how often each occurs; characters that are no token are left out
   */
  PairMerger(List<String> tokens, Map<String, Long> words) {
    this.tokens = tokens;
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    this.words = new int[words.size()][];
    this.lengths = new int[words.size()];
    this.wordCounts = new long[words.size()];
    int index = 0;
    for (Map.Entry<String, Long> word : words.entrySet()) {
      this.words[index] = symbols(word.getKey());
      lengths[index] = this.words[index].length;
      wordCounts[index++] = word.getValue();
    }
  }

  private record Entry(long pair, long count, IntList words) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      return count != other.count
          ? Long.compare(other.count, count)
          : Long.compare(pair, other.pair);
    }
  }

  /** Merges until the vocabulary has a size or no pair is frequent enough. */
  void merge(int vocabSize, long minFrequency, Progress progress) throws InterruptedException {
    countPairs();
    feedQueue();
    while (tokens.size() < vocabSize && !queue.isEmpty()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("Training the vocabulary was interrupted");
      }
      Entry top = queue.poll();
      long count = pairCounts.get(top.pair);
      if (count != top.count) {
        queue.add(new Entry(top.pair, count, top.words));
        continue;
      }
      if (count < Math.max(1, minFrequency)) {
        break;
      }
      mergePair(top);
      feedQueue();
      if (tokens.size() % 100 == 0) {
        progress.update(Stage.MERGING, tokens.size(), vocabSize);
      }
    }
    progress.update(Stage.MERGING, tokens.size(), vocabSize);
  }

  /** Returns the vocabulary. */
  List<String> tokens() {
    return Collections.unmodifiableList(tokens);
  }

  private int[] symbols(String word) {
    int[] codePoints = word.codePoints().toArray();
    int length = 0;
    for (int i = 0; i < codePoints.length; i++) {
      String character = Character.toString(codePoints[i]);
      if (ids.containsKey(character)) {
        codePoints[length++] = ids.get(i == 0 ? character : CONTINUATION + character);
      }
    }
    return Arrays.copyOf(codePoints, length);
  }

  private void countPairs() {
    for (int w = 0; w < words.length; w++) {
      for (int i = 0; i + 1 < lengths[w]; i++) {
        gain(pair(words[w][i], words[w][i + 1]), w);
      }
    }
  }

  private void gain(long pair, int word) {
    pairCounts.add(pair, wordCounts[word]);
    gained.computeIfAbsent(pair, p -> new IntList()).addOnce(word);
  }

  private void feedQueue() {
    gained.forEach(
        (pair, list) -> {
          long count = pairCounts.get(pair);
          if (count > 0) {
            queue.add(new Entry(pair, count, list));
          }
        });
    gained.clear();
  }

  private void mergePair(Entry entry) {
    int left = (int) (entry.pair >>> 32);
    int right = (int) entry.pair;
    String rightToken = tokens.get(right);
    String merged =
        tokens.get(left)
            + (rightToken.startsWith(CONTINUATION)
                ? rightToken.substring(CONTINUATION.length())
                : rightToken);
    Integer known = ids.putIfAbsent(merged, tokens.size());
    int id = known == null ? tokens.size() : known;
    if (known == null) {
      tokens.add(merged);
    }
    for (int i = 0; i < entry.words.size; i++) {
      mergeInWord(entry.words.values[i], left, right, id);
    }
  }

  private void mergeInWord(int word, int left, int right, int merged) {
    int[] symbols = words[word];
    long count = wordCounts[word];
    int length = lengths[word];
    int out = 0;
    for (int in = 0; in < length; in++) {
      if (symbols[in] == left && in + 1 < length && symbols[in + 1] == right) {
        if (out > 0) {
          pairCounts.add(pair(symbols[out - 1], left), -count);
          gain(pair(symbols[out - 1], merged), word);
        }
        if (in + 2 < length) {
          pairCounts.add(pair(right, symbols[in + 2]), -count);
          gain(pair(merged, symbols[in + 2]), word);
        }
        symbols[out++] = merged;
        in++;
      } else {
        symbols[out++] = symbols[in];
      }
    }
    lengths[word] = out;
  }

  private static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Word numbers in growing order. */
  private static final class IntList {
    private int[] values = new int[2];
    private int size;

    void addOnce(int value) {
      if (size > 0 && values[size - 1] == value) {
        return;
      }
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = value;
    }
  }
}
