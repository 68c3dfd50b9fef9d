package org.electra4j.inference;

import java.util.List;

/**
 * The best answers to a question.
 *
 * @param answers best first; empty when the context has no token
 * @param nullScore score of "there is no answer": the least sum of the logits at [CLS] over the
 *     windows of the context, of the joint head the least logit of its own
 * @param nullOdds by how much "no answer" beats the best answer: what SQuAD 2.0 takes a threshold
 *     of. Of the joint head it is the null score itself
 */
public record QuestionAnswers(List<PredictedAnswer> answers, float nullScore, float nullOdds) {

  /** Copies the list. */
  public QuestionAnswers {
    answers = List.copyOf(answers);
  }

  /** Returns the text of the best answer, or "" when the null odds are above the threshold. */
  public String best(float nullThreshold) {
    return answers.isEmpty() || nullOdds > nullThreshold ? "" : answers.get(0).text();
  }
}
