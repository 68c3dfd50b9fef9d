package org.electra4j.finetune.data;

/** A text, or a pair of texts, with one target. */
public sealed interface TextExample extends Example
    permits ClassExample, MultiLabelExample, NumberExample {

  /** Returns the text, or the first of a pair. */
  String text();

  /** Returns the second text of a pair, or null. */
  String pair();

  /** Returns the example with the two texts swapped, for pairs whose order carries no meaning. */
  TextExample swapped();
}
