package org.electra4j.finetune.data;

/** What a task asks of a model, and with that which head it needs. */
public enum TaskKind {
  /** One class for a text or pair; {@link ClassExample}. */
  CLASSIFICATION,
  /** A number for a text or pair; {@link NumberExample}. */
  REGRESSION,
  /** Any number of labels for a text or pair; {@link MultiLabelExample}. */
  MULTI_LABEL,
  /** A tag for each word; {@link TaggedWords}. */
  TAGGING,
  /** The span of a context that answers a question; {@link QuestionExample}. */
  QUESTION_ANSWERING
}
