package org.electra4j.inference;

import java.util.List;

/**
 * The best answers to a question.
 *
 * @param answers best first; empty when the context has no token
 * @param nullScore score of "there is no answer": the least sum of the logits at [CLS] over the
 *     windows of the context
 */
public record QuestionAnswers(List<PredictedAnswer> answers, float nullScore) {

  /** Copies the list. */
  public QuestionAnswers {
    answers = List.copyOf(answers);
  }

  /** Returns by how much "no answer" beats the best answer: the null odds of SQuAD 2.0. */
  public float nullOdds() {
    return answers.isEmpty() ? Float.POSITIVE_INFINITY : nullScore - answers.get(0).score();
  }

  /** Returns the text of the best answer, or "" when the null odds are above the threshold. */
  public String best(float nullThreshold) {
    return answers.isEmpty() || nullOdds() > nullThreshold ? "" : answers.get(0).text();
  }
}
