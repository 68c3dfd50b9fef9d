package org.electra4j;

/** What generator and discriminator share (paper section 3.2). */
public enum Tying {
  /** Word, position and type tables and their LayerNorm, as the reference code does. */
  EMBEDDINGS,
  /** Nothing: the generator has its own tables, as wide as its hidden size. */
  NONE,
  /** The whole encoder; the generator then has the discriminator's size. */
  ALL
}
