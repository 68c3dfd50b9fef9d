package org.electra4j.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.text.Encoding;
import org.electra4j.text.Vocabulary;

/** The windows of a long text, and one vector out of theirs. */
final class SentenceWindows {
  private static final int ADDED = 2;
  private static final String CONTINUATION = "##";

  private SentenceWindows() {}

  /**
   * Returns the tokens of a text in sequences {@code [CLS] window [SEP]} of at most {@code
   * maxLength} ids. A window ends before a word's first token, unless one word fills it; a text
   * without tokens has one empty window.
   */
  static List<int[]> split(Vocabulary vocabulary, Encoding encoding, int maxLength) {
    int most = maxLength - ADDED;
    if (most < 1) {
      throw new IllegalArgumentException(
          "Windows of " + maxLength + " positions have no place for a token; truncate instead.");
    }
    List<String> tokens = encoding.tokens();
    List<int[]> windows = new ArrayList<>();
    int from = 0;
    do {
      int to = encoding.size();
      if (to - from > most) {
        to = from + most;
        while (to > from && tokens.get(to).startsWith(CONTINUATION)) {
          to--;
        }
        to = to == from ? from + most : to;
      }
      windows.add(sequence(vocabulary, Arrays.copyOfRange(encoding.ids(), from, to)));
      from = to;
    } while (from < encoding.size());
    return windows;
  }

  private static int[] sequence(Vocabulary vocabulary, int[] ids) {
    int[] sequence = new int[ids.length + ADDED];
    sequence[0] = vocabulary.clsId();
    System.arraycopy(ids, 0, sequence, 1, ids.length);
    sequence[ids.length + 1] = vocabulary.sepId();
    return sequence;
  }

  /** Returns the mean of vectors, weighted by the tokens of their windows. */
  static float[] average(List<float[]> vectors, List<int[]> windows) {
    if (vectors.size() == 1) {
      return vectors.get(0);
    }
    float[] mean = new float[vectors.get(0).length];
    double tokens = windows.stream().mapToInt(window -> window.length - ADDED).sum();
    for (int j = 0; j < mean.length; j++) {
      double sum = 0;
      for (int i = 0; i < vectors.size(); i++) {
        sum += (double) vectors.get(i)[j] * (windows.get(i).length - ADDED);
      }
      mean[j] = (float) (sum / tokens);
    }
    return mean;
  }

  /** Divides a vector by its Euclidean norm; a zero vector stays. */
  static void normalize(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double norm = Math.sqrt(squares);
    for (int j = 0; norm > 0 && j < vector.length; j++) {
      vector[j] = (float) (vector[j] / norm);
    }
  }
}
