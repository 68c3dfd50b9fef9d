package org.electra4j.finetune.metrics;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.data.TagScheme;

/**
 * The metrics of each kind of task by their usual names. {@code exact} and the {@code f1} of
 * questions are percentages, as the SQuAD scripts print them; all others are as scikit-learn and
 * seqeval return them, at most 1.
 */
public final class TaskMetrics {
  private TaskMetrics() {}

  /**
   * Returns {@code accuracy}, {@code matthews}, {@code f1_macro}, and of two classes {@code f1},
   * {@code precision} and {@code recall} of class 1.
   *
   * @throws IllegalArgumentException as {@link ConfusionMatrix#of}
   */
  public static Map<String, Double> classification(int classes, int[] gold, int[] predicted) {
    ConfusionMatrix matrix = ConfusionMatrix.of(classes, gold, predicted);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("accuracy", matrix.accuracy());
    if (classes == 2) {
      metrics.put("f1", matrix.f1(1));
      metrics.put("precision", matrix.precision(1));
      metrics.put("recall", matrix.recall(1));
    }
    metrics.put("matthews", matrix.matthews());
    metrics.put("f1_macro", matrix.macroF1());
    return Collections.unmodifiableMap(metrics);
  }

  /**
   * Returns {@code pearson}, {@code spearman} and {@code mse}.
   *
   * @throws IllegalArgumentException as {@link Correlation#pearson}
   */
  public static Map<String, Double> regression(double[] gold, double[] predicted) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("pearson", Correlation.pearson(gold, predicted));
    metrics.put("spearman", Correlation.spearman(gold, predicted));
    metrics.put("mse", Correlation.meanSquaredError(gold, predicted));
    return Collections.unmodifiableMap(metrics);
  }

  /**
   * Returns {@code f1}, {@code precision} and {@code recall} of all labels together, {@code
   * f1_macro}, and {@code accuracy}: the share of label sets that are predicted exactly.
   *
   * @throws IllegalArgumentException as {@link MultiLabelScores#of}
   */
  public static Map<String, Double> multiLabel(
      int classes, List<List<Integer>> gold, List<List<Integer>> predicted) {
    MultiLabelScores scores = MultiLabelScores.of(classes, gold, predicted);
    Map<String, Double> metrics = precisionRecall(scores.micro());
    metrics.put("f1_macro", scores.macroF1());
    metrics.put("accuracy", scores.accuracy());
    return Collections.unmodifiableMap(metrics);
  }

  /**
   * Returns {@code f1}, {@code precision} and {@code recall} of the spans ({@link SpanScores#of}),
   * or where the tags mark no spans of the words not tagged O; {@code f1_macro} of the types; and
   * {@code accuracy}, the share of words with the right tag.
   *
   * @param labels the tags in the order of their indices
   * @param gold for each sentence the index of each word's tag
   * @param predicted for each sentence the index of each word's predicted tag
   * @throws IllegalArgumentException if the sizes differ, nothing is given, or an index is out of
   *     range
   */
  public static Map<String, Double> tagging(
      List<String> labels, List<int[]> gold, List<int[]> predicted) {
    Pairs.check(gold.size(), predicted.size());
    ConfusionMatrix words =
        ConfusionMatrix.of(labels.size(), concatenate(gold), concatenate(predicted));
    boolean spans = TagScheme.detect(List.of(labels)) != TagScheme.WORDS;
    Map<String, Double> metrics;
    if (spans) {
      SpanScores scores = SpanScores.of(texts(labels, gold), texts(labels, predicted));
      metrics = precisionRecall(scores.micro());
      metrics.put("f1_macro", scores.macroF1());
    } else {
      metrics = precisionRecall(words.micro(labels.indexOf(TagScheme.OUTSIDE)));
      metrics.put("f1_macro", words.macroF1());
    }
    metrics.put("accuracy", words.accuracy());
    return Collections.unmodifiableMap(metrics);
  }

  /**
   * Returns {@code exact} and {@code f1} in percent, and where there are no-answer scores {@code
   * best_exact}, {@code best_exact_thresh}, {@code best_f1} and {@code best_f1_thresh}; where
   * questions without answers are among them, also {@code HasAns_exact}, {@code HasAns_f1} and
   * {@code NoAns_exact}.
   *
   * @param predictions the best text by question id; with no-answer scores it is the best text that
   *     is not empty
   * @param noAnswerScores how sure the model is that there is no answer, by question id; empty if
   *     the model always answers
   * @param threshold the no-answer score above which {@code exact} and {@code f1} take a question
   *     as left unanswered
   * @throws IllegalArgumentException as {@link SquadScores#of(List, Map, Map, double)}
   */
  public static Map<String, Double> questions(
      List<QuestionExample> questions,
      Map<String, String> predictions,
      Map<String, Double> noAnswerScores,
      double threshold) {
    SquadScores scores = SquadScores.of(questions, predictions, noAnswerScores, threshold);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("exact", scores.exact());
    metrics.put("f1", scores.f1());
    if (!Double.isNaN(scores.noAnswer())) {
      if (!Double.isNaN(scores.hasAnswerExact())) {
        metrics.put("HasAns_exact", scores.hasAnswerExact());
        metrics.put("HasAns_f1", scores.hasAnswerF1());
      }
      metrics.put("NoAns_exact", scores.noAnswer());
    }
    if (!noAnswerScores.isEmpty()) {
      SquadScores.Best exact = SquadScores.bestExact(questions, predictions, noAnswerScores);
      metrics.put("best_exact", exact.score());
      metrics.put("best_exact_thresh", exact.threshold());
      SquadScores.Best f1 = SquadScores.bestF1(questions, predictions, noAnswerScores);
      metrics.put("best_f1", f1.score());
      metrics.put("best_f1_thresh", f1.threshold());
    }
    return Collections.unmodifiableMap(metrics);
  }

  private static Map<String, Double> precisionRecall(PrecisionRecall scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("f1", scores.f1());
    metrics.put("precision", scores.precision());
    metrics.put("recall", scores.recall());
    return metrics;
  }

  private static int[] concatenate(List<int[]> sentences) {
    return sentences.stream().flatMapToInt(IntStream::of).toArray();
  }

  private static List<List<String>> texts(List<String> labels, List<int[]> sentences) {
    return sentences.stream()
        .map(tags -> Arrays.stream(tags).mapToObj(labels::get).toList())
        .toList();
  }
}
