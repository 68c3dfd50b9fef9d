package org.electra4j.inference;

/** How the hidden states of a text become one vector. */
public enum Pooling {
  /** The hidden state of [CLS]. */
  CLS,
  /**
   * The mean over all tokens, [CLS] and [SEP] included, as sentence-transformers takes it over the
   * attention mask.
   */
  MEAN
}
