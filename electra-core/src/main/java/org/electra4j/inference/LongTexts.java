package org.electra4j.inference;

/** What becomes of a text that is longer than the longest sequence. */
public enum LongTexts {
  /** It is cut at the end. */
  TRUNCATE,
  /**
   * It is split into windows that start at a word, and its embedding is the mean of theirs,
   * weighted by their numbers of tokens; as LangChain4j's in-process models do it.
   */
  AVERAGE_WINDOWS
}
