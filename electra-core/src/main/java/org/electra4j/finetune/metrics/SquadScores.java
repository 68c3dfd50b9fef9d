package org.electra4j.finetune.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.finetune.data.Answer;
import org.electra4j.finetune.data.QuestionExample;

/**
 * Exact match and F1 of answers, in percent, as the official SQuAD scripts compute them
 * (evaluate-v1.1.py, evaluate-v2.0.py). Each prediction counts with its best score over the
 * accepted answers; a question without answers wants the empty text.
 *
 * @param exact mean exact match of all questions
 * @param f1 mean F1 of all questions
 * @param hasAnswerExact mean exact match of the questions with answers; NaN if there are none
 * @param hasAnswerF1 mean F1 of the questions with answers; NaN if there are none
 * @param noAnswer share of the questions without answers that were left unanswered; NaN if there
 *     are none
 * @param total number of questions
 */
public record SquadScores(
    double exact,
    double f1,
    double hasAnswerExact,
    double hasAnswerF1,
    double noAnswer,
    int total) {

  /**
   * The no-answer threshold under which a score is highest: a question whose no-answer score is
   * above it is left unanswered.
   *
   * @param score the score with that threshold, in percent
   * @param threshold the threshold; 0 if leaving all unanswered is best
   */
  public record Best(double score, double threshold) {}

  /**
   * Returns the scores.
   *
   * @param questions the questions, with their answers
   * @param predictions the predicted text by question id; empty for "no answer"
   * @throws IllegalArgumentException if there are no questions, or a question has no prediction or
   *     no known answers
   */
  public static SquadScores of(List<QuestionExample> questions, Map<String, String> predictions) {
    return of(questions, predictions, Map.of(), 0);
  }

  /**
   * Returns the scores when the questions whose no-answer score is above a threshold are left
   * unanswered.
   *
   * @param questions the questions, with their answers
   * @param predictions the predicted text by question id, whatever the no-answer score says
   * @param noAnswerScores how sure the model is that there is no answer, by question id; a question
   *     that is not in it keeps its prediction
   * @param threshold the threshold
   * @throws IllegalArgumentException as {@link #of(List, Map)}
   */
  public static SquadScores of(
      List<QuestionExample> questions,
      Map<String, String> predictions,
      Map<String, Double> noAnswerScores,
      double threshold) {
    Sums all = new Sums();
    Sums hasAnswer = new Sums();
    Sums noAnswer = new Sums();
    for (QuestionExample question : questions) {
      String prediction = prediction(question, predictions);
      Double score = noAnswerScores.get(question.id());
      boolean unanswered = score != null && score > threshold;
      boolean answerable = !question.answers().isEmpty();
      double exact = unanswered ? (answerable ? 0 : 1) : exact(question, prediction);
      double f1 = unanswered ? (answerable ? 0 : 1) : f1(question, prediction);
      all.add(exact, f1);
      (answerable ? hasAnswer : noAnswer).add(exact, f1);
    }
    if (all.count == 0) {
      throw new IllegalArgumentException("a metric needs at least one example");
    }
    return new SquadScores(
        all.percent(all.exact),
        all.percent(all.f1),
        hasAnswer.percent(hasAnswer.exact),
        hasAnswer.percent(hasAnswer.f1),
        noAnswer.percent(noAnswer.exact),
        all.count);
  }

  /** Returns the threshold with the highest exact match; see {@link Best}. */
  public static Best bestExact(
      List<QuestionExample> questions,
      Map<String, String> predictions,
      Map<String, Double> noAnswerScores) {
    return best(questions, predictions, noAnswerScores, SquadScores::exact);
  }

  /** Returns the threshold with the highest F1; see {@link Best}. */
  public static Best bestF1(
      List<QuestionExample> questions,
      Map<String, String> predictions,
      Map<String, Double> noAnswerScores) {
    return best(questions, predictions, noAnswerScores, SquadScores::f1);
  }

  /** Returns 1 if the prediction equals an accepted answer after normalisation, else 0. */
  public static double exact(QuestionExample question, String prediction) {
    String normalized = SquadText.normalize(prediction);
    return goldTexts(question).stream().map(SquadText::normalize).anyMatch(normalized::equals)
        ? 1
        : 0;
  }

  /** Returns the best F1 of the prediction's words against those of an accepted answer. */
  public static double f1(QuestionExample question, String prediction) {
    List<String> words = SquadText.words(prediction);
    return goldTexts(question).stream()
        .mapToDouble(gold -> f1(SquadText.words(gold), words))
        .max()
        .orElseThrow();
  }

  private static double f1(List<String> gold, List<String> predicted) {
    if (gold.isEmpty() || predicted.isEmpty()) {
      return gold.equals(predicted) ? 1 : 0;
    }
    Map<String, Integer> left = new HashMap<>();
    gold.forEach(word -> left.merge(word, 1, Integer::sum));
    int same = 0;
    for (String word : predicted) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        same++;
      }
    }
    if (same == 0) {
      return 0;
    }
    double precision = (double) same / predicted.size();
    double recall = (double) same / gold.size();
    return 2 * precision * recall / (precision + recall);
  }

  /** Answers that normalise to nothing do not count; without any, the empty text is the answer. */
  private static List<String> goldTexts(QuestionExample question) {
    List<String> texts =
        question.answers().stream()
            .map(Answer::text)
            .filter(text -> !SquadText.words(text).isEmpty())
            .toList();
    return texts.isEmpty() ? List.of("") : texts;
  }

  private interface Score {
    double of(QuestionExample question, String prediction);
  }

  private static Best best(
      List<QuestionExample> questions,
      Map<String, String> predictions,
      Map<String, Double> noAnswerScores,
      Score score) {
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("a metric needs at least one example");
    }
    List<QuestionExample> order = new ArrayList<>(questions);
    order.sort(Comparator.comparingDouble(question -> noAnswer(question, noAnswerScores)));
    double current = questions.stream().filter(q -> q.answers().isEmpty()).count();
    double best = current;
    double threshold = 0;
    for (QuestionExample question : order) {
      String prediction = prediction(question, predictions);
      if (!question.answers().isEmpty()) {
        current += score.of(question, prediction);
      } else if (!prediction.isEmpty()) {
        current -= 1;
      }
      if (current > best) {
        best = current;
        threshold = noAnswer(question, noAnswerScores);
      }
    }
    return new Best(100 * best / questions.size(), threshold);
  }

  private static double noAnswer(QuestionExample question, Map<String, Double> scores) {
    Double score = scores.get(question.id());
    if (score == null) {
      throw new IllegalArgumentException("question " + question.id() + " has no no-answer score");
    }
    return score;
  }

  private static String prediction(QuestionExample question, Map<String, String> predictions) {
    String prediction = predictions.get(question.id());
    if (prediction == null || !question.labelled()) {
      throw new IllegalArgumentException(
          String.format(
              "question %s has no %s",
              question.id(), prediction == null ? "prediction" : "known answers"));
    }
    return prediction;
  }

  private static final class Sums {
    private double exact;
    private double f1;
    private int count;

    void add(double exactMatch, double f1Score) {
      exact += exactMatch;
      f1 += f1Score;
      count++;
    }

    double percent(double sum) {
      return 100 * sum / count;
    }
  }
}
