package org.electra4j.finetune.data;

import java.util.List;
import java.util.Objects;

/**
 * A question about a context, with the answers that people gave.
 *
 * @param id the question's id in its file
 * @param article title of the article that the context is from; empty if the file has none
 * @param question the question
 * @param context the text that holds the answer, if there is one
 * @param answers the accepted answers, the first located one is trained on; empty if the context
 *     does not answer the question, null if the answers are not known
 */
public record QuestionExample(
    String id, String article, String question, String context, List<Answer> answers)
    implements Example {

  /** Checks the fields and copies the answers. */
  public QuestionExample {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(article, "article");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(context, "context");
    answers = answers == null ? null : List.copyOf(answers);
  }

  @Override
  public boolean labelled() {
    return answers != null;
  }

  /** Returns whether the context is known not to answer the question (SQuAD 2.0). */
  public boolean impossible() {
    return answers != null && answers.isEmpty();
  }

  /** Returns the answer to train on, or null if no answer stands in the context. */
  public Answer trainingAnswer() {
    return answers == null
        ? null
        : answers.stream().filter(Answer::located).findFirst().orElse(null);
  }

  /** Returns the texts of the answers. */
  public List<String> answerTexts() {
    return answers.stream().map(Answer::text).toList();
  }
}
