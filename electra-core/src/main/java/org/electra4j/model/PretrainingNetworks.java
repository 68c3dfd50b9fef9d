package org.electra4j.model;

import org.electra4j.ElectraConfig;
import org.electra4j.Objective;
import org.electra4j.Tying;
import org.electra4j.nn.Initializer;
import org.electra4j.nn.Linear;
import org.electra4j.nn.ParameterStore;

/**
 * The networks that an objective trains, in one parameter store.
 *
 * <p>Names are Hugging Face's; those of a generator beside the main network start with {@code
 * generator.}. A tied generator has no tables under that prefix: it reads the main network's.
 */
public final class PretrainingNetworks {
  /** Prefix of the generator's parameters. */
  public static final String GENERATOR = "generator.";

  private static final String ELECTRA = "electra.";

  private final Objective objective;
  private final Tying tying;
  private final ElectraGenerator generator;
  private final ElectraDiscriminator discriminator;
  private final ElectraGenerator languageModel;
  private final Linear copyGate;

  /**
   * Adds all parameters to a store.
   *
   * @param main the discriminator's shape; in a language-model objective the network's
   * @param generatorConfig shape of the generator; ignored where the objective has none
   */
  public PretrainingNetworks(
      ParameterStore store,
      Objective objective,
      Tying tying,
      ElectraConfig main,
      ElectraConfig generatorConfig) {
    this.objective = objective;
    this.tying = tying;
    ElectraModel electra = new ElectraModel(store, ELECTRA, main);
    this.discriminator =
        objective.isLanguageModel() ? null : new ElectraDiscriminator(store, "", electra);
    this.languageModel =
        objective.isLanguageModel() ? new ElectraGenerator(store, "", electra) : null;
    this.copyGate =
        objective == Objective.ALL_TOKENS_MLM
            ? new Linear(store, "copy_gate", new Initializer.GlorotUniform(), main.hiddenSize(), 1)
            : null;
    this.generator =
        objective.hasGenerator()
            ? new ElectraGenerator(
                store, GENERATOR, generatorModel(store, tying, electra, generatorConfig))
            : null;
  }

  private static ElectraModel generatorModel(
      ParameterStore store, Tying tying, ElectraModel electra, ElectraConfig config) {
    return switch (tying) {
      case EMBEDDINGS -> new ElectraModel(store, GENERATOR + ELECTRA, config, electra.tables());
      case NONE ->
          new ElectraModel(
              store, GENERATOR + ELECTRA, config.withEmbeddingSize(config.hiddenSize()));
      case ALL -> electra;
    };
  }

  /** Returns what is trained. */
  public Objective objective() {
    return objective;
  }

  /** Returns what the two networks share. */
  public Tying tying() {
    return tying;
  }

  /** Returns the generator beside the main network, or {@code null}. */
  public ElectraGenerator generator() {
    return generator;
  }

  /** Returns the discriminator, or {@code null} in a language-model objective. */
  public ElectraDiscriminator discriminator() {
    return discriminator;
  }

  /** Returns the main network of a language-model objective, else {@code null}. */
  public ElectraGenerator languageModel() {
    return languageModel;
  }

  /** Returns the gate of All-Tokens MLM, else {@code null}. */
  Linear copyGate() {
    return copyGate;
  }

  /** Returns the shape of the main network. */
  public ElectraConfig mainConfig() {
    return (discriminator != null ? discriminator.electra() : languageModel.electra()).config();
  }
}
