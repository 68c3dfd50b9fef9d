package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.PackedBatch;

/**
 * Turns text into vectors: the hidden states of the last layer, or one embedding a text.
 *
 * <p>Takes the directory of a discriminator, a generator, a masked language model or a bare
 * encoder, of ELECTRA or of BERT; heads are ignored. A text is {@code [CLS] tokens [SEP]}; what is
 * longer than the model's positions is cut at the end.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class ElectraEncoder implements AutoCloseable {
  private final InferenceEngine<ElectraModel> engine;

  private ElectraEncoder(InferenceEngine<ElectraModel> engine) {
    this.engine = engine;
  }

  /** Loads a model directory with {@link InferenceOptions#defaults}. */
  public static ElectraEncoder load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads a model directory: {@code config.json}, {@code model.safetensors} and the tokenizer
   * files.
   *
   * @throws IOException when a file is missing, is not valid or does not fit the others; the
   *     message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static ElectraEncoder load(Path directory, InferenceOptions options) throws IOException {
    return new ElectraEncoder(
        InferenceEngine.load(
            ModelFiles.read(directory),
            options,
            (store, config) -> new ElectraModel(store, "electra.", config),
            ElectraEncoder::hiddenStates));
  }

  private static List<float[][]> hiddenStates(
      ElectraModel model, Context c, PackedBatch batch, List<int[]> sequences) {
    float[] hidden = c.downloadActivation(model.forward(c, batch, 0)); // (T, H)
    return Rows.split(hidden, model.config().hiddenSize(), sequences);
  }

  /** Returns the length of embeddings and of hidden states, {@code hidden_size}. */
  public int hiddenSize() {
    return engine.config().hiddenSize();
  }

  /** Returns the mean of a text's hidden states. */
  public float[] embed(String text) {
    return embed(text, Pooling.MEAN);
  }

  /** Returns the embedding of a text. */
  public float[] embed(String text, Pooling pooling) {
    return embed(List.of(text), pooling)[0];
  }

  /** Returns the embedding of a text. */
  public float[] embed(String text, EmbeddingOptions options) {
    return embed(List.of(text), options)[0];
  }

  /** Returns the mean of the hidden states of each text, in the order given. */
  public float[][] embed(List<String> texts) {
    return embed(texts, EmbeddingOptions.defaults());
  }

  /** Returns the embedding of each text, in the order given. */
  public float[][] embed(List<String> texts, Pooling pooling) {
    return embed(texts, EmbeddingOptions.defaults().withPooling(pooling));
  }

  /** Returns the embedding of each text, in the order given. */
  public float[][] embed(List<String> texts, EmbeddingOptions options) {
    int maxLength = Math.min(options.maxLength(), engine.config().maxPositionEmbeddings());
    List<List<int[]>> windows =
        texts.stream().map(text -> windows(text, maxLength, options.longTexts())).toList();
    List<float[]> vectors =
        embedSequences(windows.stream().flatMap(List::stream).toList(), options.pooling());
    float[][] embeddings = new float[texts.size()][];
    int first = 0;
    for (int i = 0; i < embeddings.length; i++) {
      List<int[]> own = windows.get(i);
      embeddings[i] = SentenceWindows.average(vectors.subList(first, first + own.size()), own);
      if (options.normalize()) {
        SentenceWindows.normalize(embeddings[i]);
      }
      first += own.size();
    }
    return embeddings;
  }

  private List<int[]> windows(String text, int maxLength, LongTexts longTexts) {
    return switch (longTexts) {
      case TRUNCATE -> List.of(TokenizedText.of(engine.tokenizer(), text, maxLength).ids());
      case AVERAGE_WINDOWS ->
          SentenceWindows.split(engine.vocabulary(), engine.tokenizer().encode(text), maxLength);
    };
  }

  /**
   * Returns the embedding of token ids, special tokens included.
   *
   * @throws IllegalArgumentException as {@link #hiddenStates}
   */
  public float[] embedIds(int[] inputIds, Pooling pooling) {
    return embedSequences(List.of(engine.requireIds(inputIds)), pooling).get(0);
  }

  /**
   * Returns the embedding of each sequence of token ids, special tokens included, in the order
   * given.
   *
   * @throws IllegalArgumentException as {@link #hiddenStates}
   */
  public float[][] embedIds(List<int[]> sequences, Pooling pooling) {
    return embedSequences(sequences.stream().map(engine::requireIds).toList(), pooling)
        .toArray(float[][]::new);
  }

  private List<float[]> embedSequences(List<int[]> sequences, Pooling pooling) {
    return engine.run(
        sequences,
        (model, c, batch, members) ->
            hiddenStates(model, c, batch, members).stream()
                .map(rows -> pool(rows, pooling))
                .toList());
  }

  private static float[] pool(float[][] rows, Pooling pooling) {
    if (pooling == Pooling.CLS) {
      return rows[0];
    }
    float[] mean = new float[rows[0].length];
    for (int j = 0; j < mean.length; j++) {
      double sum = 0;
      for (float[] row : rows) {
        sum += row[j];
      }
      mean[j] = (float) (sum / rows.length);
    }
    return mean;
  }

  /** Returns the tokens of a text and their hidden states. */
  public HiddenStates encode(String text) {
    TokenizedText tokenized = engine.tokenize(text);
    float[][] rows = engine.run(tokenized.ids(), ElectraEncoder::hiddenStates);
    return new HiddenStates(
        tokenized.ids(), engine.tokens(tokenized.ids()), rows, tokenized.truncated());
  }

  /**
   * Returns the hidden states of token ids, special tokens included: one row of {@code hidden_size}
   * values a token.
   *
   * @throws IllegalArgumentException when there are no ids, more than the model has positions, or
   *     one is not in the vocabulary
   */
  public float[][] hiddenStates(int[] inputIds) {
    return engine.run(engine.requireIds(inputIds), ElectraEncoder::hiddenStates);
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
