package org.electra4j.finetune.metrics;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.electra4j.finetune.data.TagScheme;
import org.electra4j.finetune.data.TagSpan;

/**
 * Precision, recall and F1 of the spans that tags mark, as seqeval computes them: a span is right
 * if its sentence, bounds and type are.
 *
 * @param micro the counts of all types together
 * @param macroF1 mean of the types' F1
 * @param types the scores of each type, in alphabetical order
 */
public record SpanScores(
    PrecisionRecall micro, double macroF1, Map<String, PrecisionRecall> types) {

  /**
   * Returns the scores of seqeval's default mode, which is conlleval's: a tag that cannot follow
   * the one before it begins a span.
   *
   * @param gold the true tags of each sentence
   * @param predicted the predicted tags of each sentence
   * @throws IllegalArgumentException if a sentence is missing or of another length, or a tag is
   *     neither O nor B-, I-, E- or S- with a type
   */
  public static SpanScores of(List<List<String>> gold, List<List<String>> predicted) {
    return of(gold, predicted, TagSpan::of);
  }

  /**
   * Returns the scores of seqeval's strict mode: only spans that are written as the scheme says
   * count.
   *
   * @param scheme {@link TagScheme#BIO} (seqeval's IOB2) or {@link TagScheme#BIOES} (IOBES)
   * @throws IllegalArgumentException as {@link #of(List, List)}, or for another scheme
   */
  public static SpanScores strict(
      TagScheme scheme, List<List<String>> gold, List<List<String>> predicted) {
    return of(gold, predicted, tags -> TagSpan.strict(scheme, tags));
  }

  private interface Reading {
    List<TagSpan> spans(List<String> tags);
  }

  private static SpanScores of(
      List<List<String>> gold, List<List<String>> predicted, Reading reading) {
    Pairs.check(gold.size(), predicted.size());
    Map<String, long[]> counts = new TreeMap<>();
    for (int i = 0; i < gold.size(); i++) {
      if (gold.get(i).size() != predicted.get(i).size()) {
        throw new IllegalArgumentException(
            String.format(
                "sentence %d has %d gold tags but %d predicted ones",
                i, gold.get(i).size(), predicted.get(i).size()));
      }
      Set<TagSpan> goldSpans = new HashSet<>(reading.spans(gold.get(i)));
      Set<TagSpan> predictedSpans = new HashSet<>(reading.spans(predicted.get(i)));
      goldSpans.forEach(span -> of(counts, span)[1]++);
      predictedSpans.forEach(span -> of(counts, span)[2]++);
      goldSpans.retainAll(predictedSpans);
      goldSpans.forEach(span -> of(counts, span)[0]++);
    }
    return summary(counts);
  }

  private static long[] of(Map<String, long[]> counts, TagSpan span) {
    return counts.computeIfAbsent(span.type(), type -> new long[3]);
  }

  private static SpanScores summary(Map<String, long[]> counts) {
    Map<String, PrecisionRecall> types = new TreeMap<>();
    long[] sums = new long[3];
    counts.forEach(
        (type, c) -> {
          types.put(type, PrecisionRecall.of(c[0], c[1], c[2]));
          for (int i = 0; i < 3; i++) {
            sums[i] += c[i];
          }
        });
    double macro = types.values().stream().mapToDouble(PrecisionRecall::f1).average().orElse(0);
    return new SpanScores(
        PrecisionRecall.of(sums[0], sums[1], sums[2]), macro, Collections.unmodifiableMap(types));
  }
}
