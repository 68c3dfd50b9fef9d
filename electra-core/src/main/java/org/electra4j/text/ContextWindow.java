package org.electra4j.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A question with a part of its context: {@code [CLS] question [SEP] context [SEP]}, types 0 and 1.
 *
 * <p>A context that is too long becomes several windows, each {@code stride} tokens behind the one
 * before. A token that lies in several is answered for in the one where it has most context: most
 * tokens on its shorter side, then the longest window (reference file finetune/qa).
 *
 * @param ids token ids
 * @param types 0 up to the first [SEP], then 1
 * @param contextBegin where the context's first token of this window lies in {@code ids}
 * @param starts where each context token of the window begins in the context, as {@link
 *     String#charAt} index
 * @param ends where it ends, exclusive
 * @param best whether this window is the one that answers for the token
 */
public record ContextWindow(
    int[] ids, int[] types, int contextBegin, int[] starts, int[] ends, boolean[] best)
    implements ModelInput {
  private static final int ADDED = 3;
  private static final double PREFER_LONGER = 0.01;

  /**
   * Returns the windows of a question, at least one.
   *
   * @param maxLength most tokens of a window, special tokens included
   * @param stride tokens from one window to the next
   * @param maxQuestion most tokens of the question; the rest is cut off
   * @throws IllegalArgumentException when the question leaves no room for a context, or the stride
   *     is below 1
   */
  public static List<ContextWindow> of(
      WordPieceTokenizer tokenizer,
      String question,
      String context,
      int maxLength,
      int stride,
      int maxQuestion) {
    if (stride < 1) {
      throw new IllegalArgumentException("stride is " + stride + "; it must be at least 1.");
    }
    int[] query = tokenizer.encode(question).ids();
    query = Arrays.copyOf(query, Math.min(query.length, maxQuestion));
    int room = maxLength - query.length - ADDED;
    if (room < 1) {
      throw new IllegalArgumentException(
          "A question of "
              + query.length
              + " tokens leaves no room for a context in "
              + maxLength
              + " tokens; allow longer sequences or shorter questions.");
    }
    Encoding tokens = tokenizer.encode(context);
    List<int[]> spans = spans(tokens.size(), room, stride);
    List<ContextWindow> windows = new ArrayList<>();
    for (int i = 0; i < spans.size(); i++) {
      windows.add(window(tokenizer.vocabulary(), query, tokens, spans, i));
    }
    return windows;
  }

  /** Returns begin and end of each window in the tokens of the context. */
  private static List<int[]> spans(int tokens, int room, int stride) {
    List<int[]> spans = new ArrayList<>();
    int begin = 0;
    do {
      int end = Math.min(tokens, begin + room);
      spans.add(new int[] {begin, end});
      begin = end == tokens ? tokens : begin + Math.min(end - begin, stride);
    } while (begin < tokens);
    return spans;
  }

  private static ContextWindow window(
      Vocabulary vocabulary, int[] query, Encoding tokens, List<int[]> spans, int number) {
    int begin = spans.get(number)[0];
    int end = spans.get(number)[1];
    int contextBegin = query.length + 2;
    int[] ids = new int[contextBegin + end - begin + 1];
    ids[0] = vocabulary.clsId();
    System.arraycopy(query, 0, ids, 1, query.length);
    ids[contextBegin - 1] = vocabulary.sepId();
    System.arraycopy(tokens.ids(), begin, ids, contextBegin, end - begin);
    ids[ids.length - 1] = vocabulary.sepId();
    int[] types = new int[ids.length];
    Arrays.fill(types, contextBegin, types.length, 1);
    boolean[] best = new boolean[end - begin];
    for (int token = begin; token < end; token++) {
      best[token - begin] = bestWindow(spans, token) == number;
    }
    return new ContextWindow(
        ids,
        types,
        contextBegin,
        Arrays.copyOfRange(tokens.starts(), begin, end),
        Arrays.copyOfRange(tokens.ends(), begin, end),
        best);
  }

  private static int bestWindow(List<int[]> spans, int token) {
    int best = -1;
    double bestScore = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < spans.size(); i++) {
      int begin = spans.get(i)[0];
      int end = spans.get(i)[1];
      if (token < begin || token >= end) {
        continue;
      }
      double score = Math.min(token - begin, end - 1 - token) + PREFER_LONGER * (end - begin);
      if (score > bestScore) {
        bestScore = score;
        best = i;
      }
    }
    return best;
  }

  /** Returns the number of context tokens. */
  public int contextTokens() {
    return starts.length;
  }

  /**
   * Returns where a span of the context lies in {@code ids}: its first and its last token; null
   * when it is not wholly in this window or holds no token.
   *
   * @param start index of its first character
   * @param end index after its last
   */
  public int[] locate(int start, int end) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < starts.length; i++) {
      if (ends[i] > start && starts[i] < end) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    boolean whole = first >= 0 && starts[first] <= start && ends[last] >= end;
    return whole ? new int[] {contextBegin + first, contextBegin + last} : null;
  }
}
