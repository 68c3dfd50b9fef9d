package org.electra4j.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.electra4j.model.ElectraJointSpanHead;
import org.electra4j.model.SpanStyle;
import org.electra4j.text.ContextWindow;

/**
 * Finds the best spans from the logits of their ends.
 *
 * <p>Of each window the {@code nBest} best starts and ends are paired. A pair counts when its start
 * is answered for by this window, its end is not before its start, and it is not longer than {@code
 * maxAnswerTokens}; pairs of all windows compete by the sum of their logits (reference file
 * finetune/qa, SQuAD's run_squad).
 *
 * @param nBest candidates of each end, and answers that are kept, 20 in the reference
 * @param maxAnswerTokens longest answer in tokens, 30 in the reference
 * @param nullThreshold null odds above which a question counts as unanswered, {@link
 *     Float#POSITIVE_INFINITY} for never; {@code null} for what the head's style asks for ({@link
 *     #nullThreshold(SpanStyle)})
 */
public record AnswerDecoder(int nBest, int maxAnswerTokens, Float nullThreshold) {
  private static final int ENDS = 2;
  private static final float JOINT_NULL_THRESHOLD = -2.75f;

  /** Checks the fields. */
  public AnswerDecoder {
    if (nBest < 1 || maxAnswerTokens < 1) {
      throw new IllegalArgumentException(
          "nBest and maxAnswerTokens must be at least 1, got "
              + nBest
              + " and "
              + maxAnswerTokens
              + ".");
    }
    if (nullThreshold != null && nullThreshold.isNaN()) {
      throw new IllegalArgumentException("nullThreshold must be a number, got NaN.");
    }
  }

  /** Creates a decoder with the threshold that the head's style asks for. */
  public AnswerDecoder(int nBest, int maxAnswerTokens) {
    this(nBest, maxAnswerTokens, null);
  }

  /** Returns the reference's decoder: 20 candidates, answers of up to 30 tokens. */
  public static AnswerDecoder defaults() {
    return new AnswerDecoder(20, 30);
  }

  /**
   * Returns the null odds above which a question counts as unanswered where nothing else was asked
   * for: 0 of independent ends, so that "no answer" needs the higher score (run_squad), and -2.75
   * of the joint head (reference file configure_finetuning).
   */
  public static float nullThreshold(SpanStyle style) {
    return style == SpanStyle.JOINT ? JOINT_NULL_THRESHOLD : 0;
  }

  /** Returns a copy with another {@link #nullThreshold()}. */
  public AnswerDecoder withNullThreshold(Float value) {
    return new AnswerDecoder(nBest, maxAnswerTokens, value);
  }

  /** Returns the threshold for a head of this style: the one given, or else the style's. */
  public float nullThresholdFor(SpanStyle style) {
    return nullThreshold == null ? nullThreshold(style) : nullThreshold;
  }

  private record Span(int start, int end, float score) {}

  /** Returns the answers to a question from what a head of this style gave for each window. */
  public QuestionAnswers decode(
      SpanStyle style, String context, List<ContextWindow> windows, List<float[]> results) {
    return style == SpanStyle.JOINT
        ? decodeJoint(context, windows, results)
        : decode(context, windows, results);
  }

  /**
   * Returns the answers to a question from the spans of the joint head. A span counts under the
   * same rules; the null score is the least logit of "no answer" over the windows, and it is the
   * null odds too: it is not compared with the spans.
   *
   * @param spans for each window as {@link ElectraJointSpanHead#results} has them
   */
  public QuestionAnswers decodeJoint(
      String context, List<ContextWindow> windows, List<float[]> spans) {
    List<Span> found = new ArrayList<>();
    float nullScore = Float.POSITIVE_INFINITY;
    for (int i = 0; i < windows.size(); i++) {
      ContextWindow window = windows.get(i);
      float[] ofWindow = spans.get(i);
      nullScore = Math.min(nullScore, ofWindow[0]);
      for (int at = 1; at < ofWindow.length; at += ElectraJointSpanHead.SPAN) {
        int start = (int) ofWindow[at] - window.contextBegin();
        int end = (int) ofWindow[at + 1] - window.contextBegin();
        boolean inside = start >= 0 && start <= end && end < window.contextTokens();
        if (inside && end - start < maxAnswerTokens && window.best()[start]) {
          found.add(new Span(window.starts()[start], window.ends()[end], ofWindow[at + 2]));
        }
      }
    }
    List<Span> kept = keep(context, found);
    double answerable = 1 / (1 + Math.exp(nullScore));
    float odds = kept.isEmpty() ? Float.POSITIVE_INFINITY : nullScore;
    return new QuestionAnswers(
        answers(context, kept, Double.NEGATIVE_INFINITY, answerable), nullScore, odds);
  }

  /**
   * Returns the answers to a question.
   *
   * @param logits for each window a start and an end logit a token
   */
  public QuestionAnswers decode(String context, List<ContextWindow> windows, List<float[]> logits) {
    List<Span> spans = new ArrayList<>();
    float nullScore = Float.POSITIVE_INFINITY;
    for (int i = 0; i < windows.size(); i++) {
      float[] ofWindow = logits.get(i);
      nullScore = Math.min(nullScore, ofWindow[0] + ofWindow[1]);
      addSpans(windows.get(i), ofWindow, spans);
    }
    List<Span> kept = keep(context, spans);
    float odds = kept.isEmpty() ? Float.POSITIVE_INFINITY : nullScore - kept.get(0).score;
    return new QuestionAnswers(answers(context, kept, nullScore, 1), nullScore, odds);
  }

  /** Returns the best spans of different texts, best first. */
  private List<Span> keep(String context, List<Span> spans) {
    spans.sort(Comparator.comparingDouble(span -> -span.score));
    List<Span> kept = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Span span : spans) {
      if (kept.size() < nBest && seen.add(context.substring(span.start, span.end))) {
        kept.add(span);
      }
    }
    return kept;
  }

  private void addSpans(ContextWindow window, float[] logits, List<Span> spans) {
    int[] starts = best(logits, window, 0);
    int[] ends = best(logits, window, 1);
    for (int start : starts) {
      if (!window.best()[start]) {
        continue;
      }
      for (int end : ends) {
        if (end >= start && end - start < maxAnswerTokens) {
          float score = logit(logits, window, start, 0) + logit(logits, window, end, 1);
          spans.add(new Span(window.starts()[start], window.ends()[end], score));
        }
      }
    }
  }

  private int[] best(float[] logits, ContextWindow window, int end) {
    return IntStream.range(0, window.contextTokens())
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logit(logits, window, i, end)))
        .limit(nBest)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static float logit(float[] logits, ContextWindow window, int token, int end) {
    return logits[(window.contextBegin() + token) * ENDS + end];
  }

  /** Softmax over the spans and a null score, times the probability that there is an answer. */
  private static List<PredictedAnswer> answers(
      String context, List<Span> spans, double nullScore, double answerable) {
    double max = nullScore;
    for (Span span : spans) {
      max = Math.max(max, span.score);
    }
    double sum = Math.exp(nullScore - max);
    for (Span span : spans) {
      sum += Math.exp(span.score - max);
    }
    List<PredictedAnswer> answers = new ArrayList<>();
    for (Span span : spans) {
      float probability = (float) (answerable * Math.exp(span.score - max) / sum);
      String text = context.substring(span.start, span.end);
      answers.add(new PredictedAnswer(text, span.start, span.end, span.score, probability));
    }
    return answers;
  }
}
