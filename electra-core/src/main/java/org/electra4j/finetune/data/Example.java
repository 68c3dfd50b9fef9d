package org.electra4j.finetune.data;

/** One labelled example, or an unlabelled one of a test set. */
public sealed interface Example permits TextExample, TaggedWords, QuestionExample {

  /** Returns what identifies the example in prediction files: its index, or the file's own id. */
  String id();

  /** Returns whether the answer is known. */
  boolean labelled();
}
