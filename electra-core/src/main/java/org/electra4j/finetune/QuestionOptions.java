package org.electra4j.finetune;

import org.electra4j.inference.AnswerDecoder;

/**
 * How questions become windows, and windows become answers.
 *
 * @param stride tokens from one window of a context to the next
 * @param maxQuestion most tokens of a question
 * @param decoder chooses the answers
 */
record QuestionOptions(int stride, int maxQuestion, AnswerDecoder decoder) {
  private static final int STRIDE = 128;
  private static final int MAX_QUESTION = 64;

  /** Returns the reference's windows. */
  static QuestionOptions of(AnswerDecoder decoder) {
    return new QuestionOptions(STRIDE, MAX_QUESTION, decoder);
  }
}
