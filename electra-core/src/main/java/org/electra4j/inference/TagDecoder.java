package org.electra4j.inference;

import java.util.List;

/**
 * Picks the tags of the words of a sentence from their logits.
 *
 * <p>Where the labels are of the scheme BIOES (also written BILOU), which E or S among them tell,
 * the tags are the most probable sequence in which every span that begins also ends: the sequence
 * of the largest sum of logits, by the algorithm of Viterbi. With all other labels, and with those
 * that have no tag for a word on its own (O or S), each word has the tag of its largest logit, the
 * lowest of equals.
 *
 * <p>Immutable and safe for use by many threads at once.
 */
public final class TagDecoder {
  private final int labels;

  /** Whether the first, and the last, word of a sentence may have a label; null where any may. */
  private final boolean[] begins;

  private final boolean[] ends;

  /** For each label whether another may follow it; null where any may. */
  private final boolean[][] follows;

  /**
   * Makes a decoder.
   *
   * @param labels texts of the logits
   */
  public TagDecoder(List<String> labels) {
    this.labels = labels.size();
    boolean wholeSpans =
        labels.stream().allMatch(TagDecoder::isSpanTag)
            && labels.stream().anyMatch(label -> isOneOf("ESLU", label))
            && labels.stream().anyMatch(label -> isOneOf("OSU", label));
    this.begins = wholeSpans ? new boolean[this.labels] : null;
    this.ends = wholeSpans ? new boolean[this.labels] : null;
    this.follows = wholeSpans ? new boolean[this.labels][this.labels] : null;
    for (int label = 0; wholeSpans && label < this.labels; label++) {
      begins[label] = !isOneOf("IEL", labels.get(label));
      ends[label] = !isOneOf("BI", labels.get(label));
    }
    for (int from = 0; wholeSpans && from < this.labels; from++) {
      for (int to = 0; to < this.labels; to++) {
        boolean sameType = labels.get(from).substring(1).equals(labels.get(to).substring(1));
        follows[from][to] = ends[from] ? begins[to] : !begins[to] && sameType;
      }
    }
  }

  private static boolean isSpanTag(String label) {
    return label.equals("O")
        || label.length() > 2 && label.charAt(1) == '-' && isOneOf("BIESLU", label);
  }

  private static boolean isOneOf(String prefixes, String label) {
    return prefixes.indexOf(label.charAt(0)) >= 0;
  }

  /**
   * Returns the label of each word.
   *
   * @param logits (words, labels), word after word
   * @throws IllegalArgumentException if the logits are not those of whole words
   */
  public int[] decode(float[] logits) {
    if (labels == 0 || logits.length % labels != 0) {
      throw new IllegalArgumentException(
          logits.length + " logits are not those of words with " + labels + " labels");
    }
    int words = logits.length / labels;
    int[] tags = new int[words];
    if (follows == null) {
      for (int word = 0; word < words; word++) {
        tags[word] = largest(logits, word * labels);
      }
    } else if (words > 0) {
      findSequence(logits, tags);
    }
    return tags;
  }

  private int largest(float[] logits, int begin) {
    int largest = 0;
    for (int label = 1; label < labels; label++) {
      largest = logits[begin + label] > logits[begin + largest] ? label : largest;
    }
    return largest;
  }

  private void findSequence(float[] logits, int[] tags) {
    int[][] before = new int[tags.length][labels];
    double[] best = new double[labels];
    for (int to = 0; to < labels; to++) {
      best[to] = begins[to] ? logits[to] : Double.NEGATIVE_INFINITY;
    }
    for (int word = 1; word < tags.length; word++) {
      double[] next = new double[labels];
      for (int to = 0; to < labels; to++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int from = 0; from < labels; from++) {
          if (follows[from][to] && best[from] > most) {
            most = best[from];
            before[word][to] = from;
          }
        }
        next[to] = most + logits[word * labels + to];
      }
      best = next;
    }
    for (int label = 0; label < labels; label++) {
      best[label] = ends[label] ? best[label] : Double.NEGATIVE_INFINITY;
    }
    double[] last = best;
    int tag = 0;
    for (int label = 1; label < labels; label++) {
      tag = last[label] > last[tag] ? label : tag;
    }
    for (int word = tags.length - 1; word >= 0; word--) {
      tags[word] = tag;
      tag = before[word][tag];
    }
  }
}
