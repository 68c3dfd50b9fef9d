package org.electra4j;

/** What a network is pre-trained to do (paper section 3.4 compares them). */
public enum Objective {
  /** A discriminator tells for every token whether the generator replaced it. */
  ELECTRA(true, false),
  /** Masked language modelling: BERT without next-sentence prediction. No generator. */
  MLM(false, true),
  /**
   * The network predicts the originals at masked positions, which hold generator samples, not
   * [MASK].
   */
  REPLACE_MLM(true, true),
  /**
   * As {@link #REPLACE_MLM}, but predicts every token, with a learned gate that copies the input.
   */
  ALL_TOKENS_MLM(true, true),
  /** As {@link #ELECTRA}, but the discriminator's loss counts the masked positions only. */
  ELECTRA_15(true, false);

  private final boolean generator;
  private final boolean languageModel;

  Objective(boolean generator, boolean languageModel) {
    this.generator = generator;
    this.languageModel = languageModel;
  }

  /** Returns whether a generator is trained beside the network. */
  public boolean hasGenerator() {
    return generator;
  }

  /** Returns whether the network ends in a language-model head rather than a discriminator's. */
  public boolean isLanguageModel() {
    return languageModel;
  }
}
