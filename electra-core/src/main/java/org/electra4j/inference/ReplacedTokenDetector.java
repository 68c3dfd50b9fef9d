package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.model.ElectraDiscriminator;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.PackedBatch;
import org.electra4j.tensor.Tensor;

/**
 * Says for every token of a text how likely it was replaced (paper section 3.1: the discriminator).
 *
 * <p>A text is {@code [CLS] tokens [SEP]}; what is longer than the model's positions is cut at the
 * end and not scored.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class ReplacedTokenDetector implements AutoCloseable {
  private final InferenceEngine<ElectraDiscriminator> engine;

  private ReplacedTokenDetector(InferenceEngine<ElectraDiscriminator> engine) {
    this.engine = engine;
  }

  /** Loads a discriminator's directory with {@link InferenceOptions#defaults}. */
  public static ReplacedTokenDetector load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads a discriminator's directory: {@code config.json}, {@code model.safetensors} and the
   * tokenizer files.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or is not of
   *     a discriminator; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static ReplacedTokenDetector load(Path directory, InferenceOptions options)
      throws IOException {
    ModelFiles files =
        ModelFiles.read(directory)
            .requireArchitecture(HuggingFaceConfig.DISCRIMINATOR, "replaced-token detection");
    return new ReplacedTokenDetector(
        InferenceEngine.load(
            files,
            options,
            (store, config) ->
                new ElectraDiscriminator(store, "", new ElectraModel(store, "electra.", config)),
            ReplacedTokenDetector::logits));
  }

  private static List<float[]> logits(
      ElectraDiscriminator network, Context c, PackedBatch batch, List<int[]> sequences) {
    Tensor hidden = network.encode(c, batch, 0); // (T, H)
    return Rows.split(
        c.downloadFloats(network.predict(c, hidden, null, 0).logits()), sequences); // (T)
  }

  /**
   * Returns the score of each token of a text, without the [CLS] and [SEP] around it; empty for a
   * text without tokens.
   */
  public List<TokenScore> detect(String text) {
    return detect(List.of(text)).get(0);
  }

  /** Returns the scores of each text, in the order given. */
  public List<List<TokenScore>> detect(List<String> texts) {
    List<TokenizedText> tokenized = engine.tokenize(texts);
    List<float[]> logits =
        engine.run(
            tokenized.stream().map(TokenizedText::ids).toList(), ReplacedTokenDetector::logits);
    List<List<TokenScore>> scores = new ArrayList<>(texts.size());
    for (int i = 0; i < tokenized.size(); i++) {
      scores.add(scores(tokenized.get(i), logits.get(i)));
    }
    return scores;
  }

  private List<TokenScore> scores(TokenizedText text, float[] logits) {
    List<TokenScore> scores = new ArrayList<>(text.kept());
    for (int i = 0; i < text.kept(); i++) {
      int start = text.encoding().starts()[i];
      int end = text.encoding().ends()[i];
      scores.add(score(text.encoding().ids()[i], start, end, logits[i + 1]));
    }
    return scores;
  }

  /**
   * Returns the score of every token id, special tokens included.
   *
   * @throws IllegalArgumentException when there are no ids, more than the model has positions, or
   *     one is not in the vocabulary
   */
  public List<TokenScore> detectIds(int[] inputIds) {
    int[] ids = engine.requireIds(inputIds);
    float[] logits = engine.run(ids, ReplacedTokenDetector::logits);
    List<TokenScore> scores = new ArrayList<>(ids.length);
    for (int i = 0; i < ids.length; i++) {
      scores.add(score(ids[i], -1, -1, logits[i]));
    }
    return scores;
  }

  private TokenScore score(int id, int start, int end, float logit) {
    float replaced = (float) (1 / (1 + Math.exp(-logit)));
    return new TokenScore(engine.vocabulary().token(id), id, start, end, logit, replaced);
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
