package org.electra4j.text;

/** One sequence as a network takes it, special tokens included. */
public interface ModelInput {

  /** Returns the token ids. */
  int[] ids();

  /** Returns the token types: 0 in the first segment, 1 in the second. */
  int[] types();
}
