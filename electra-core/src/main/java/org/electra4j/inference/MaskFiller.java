package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.io.HuggingFaceConfig;
import org.electra4j.io.TokenizerFiles;
import org.electra4j.model.ElectraCheckpoint;
import org.electra4j.model.ElectraGenerator;
import org.electra4j.model.ElectraModel;
import org.electra4j.model.PackedBatch;
import org.electra4j.tensor.Tensor;

/**
 * Predicts words for [MASK] with the generator beside a discriminator, or with a masked language
 * model.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class MaskFiller implements AutoCloseable {
  /** Bounds the logits in memory: rows of {@code vocab_size} values. */
  private static final int ROWS_AT_ONCE = 64;

  private final InferenceEngine<ElectraGenerator> engine;

  private MaskFiller(InferenceEngine<ElectraGenerator> engine) {
    this.engine = engine;
  }

  /** Loads a model directory with {@link InferenceOptions#defaults}. */
  public static MaskFiller load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads the folder {@code generator} of a model directory, or without it the directory itself: of
   * a masked language model.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or is not of
   *     a masked language model; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static MaskFiller load(Path directory, InferenceOptions options) throws IOException {
    return new MaskFiller(
        InferenceEngine.load(
            files(directory),
            options,
            (store, config) ->
                new ElectraGenerator(store, "", new ElectraModel(store, "electra.", config)),
            MaskFiller::encode,
            (network, c) ->
                logits(network, c, new float[ROWS_AT_ONCE * width(network)], ROWS_AT_ONCE)));
  }

  private static ModelFiles files(Path directory) throws IOException {
    Path generator = directory.resolve(ElectraCheckpoint.GENERATOR_FOLDER);
    if (!Files.isDirectory(generator)) {
      return ModelFiles.read(directory)
          .requireArchitecture(
              HuggingFaceConfig.GENERATOR,
              "filling masks without a folder "
                  + ElectraCheckpoint.GENERATOR_FOLDER
                  + " beside it");
    }
    boolean ownTokenizer =
        Files.exists(generator.resolve(TokenizerFiles.VOCABULARY_FILE))
            || Files.exists(generator.resolve(TokenizerFiles.TOKENIZER_FILE));
    return ModelFiles.read(generator, ownTokenizer ? generator : directory)
        .requireArchitecture(HuggingFaceConfig.GENERATOR, "filling masks");
  }

  /**
   * Returns for each [MASK] of a text the {@code topK} most probable tokens, most probable first.
   *
   * @throws IllegalArgumentException when the text has no [MASK], or one beyond the model's
   *     positions, or {@code topK} is not between 1 and the vocabulary's size
   */
  public List<List<Prediction>> fill(String text, int topK) {
    return fill(List.of(text), topK).get(0);
  }

  /** Returns the predictions of each text, in the order given; as {@link #fill(String, int)}. */
  public List<List<List<Prediction>>> fill(List<String> texts, int topK) {
    List<TokenizedText> tokenized = engine.tokenize(texts);
    int mask = engine.vocabulary().maskId();
    for (TokenizedText text : tokenized) {
      if (text.cutOff(mask) > 0) {
        throw new IllegalArgumentException(
            "The text has a [MASK] beyond the "
                + engine.config().maxPositionEmbeddings()
                + " positions of the model; shorten it.");
      }
    }
    return fillSequences(tokenized.stream().map(TokenizedText::ids).toList(), topK);
  }

  /**
   * Returns the predictions for each [MASK] of token ids, special tokens included.
   *
   * @throws IllegalArgumentException when no id is that of [MASK], there are more ids than the
   *     model has positions, one is not in the vocabulary, or {@code topK} is not between 1 and the
   *     vocabulary's size
   */
  public List<List<Prediction>> fillIds(int[] inputIds, int topK) {
    return fillSequences(List.of(engine.requireIds(inputIds)), topK).get(0);
  }

  private List<List<List<Prediction>>> fillSequences(List<int[]> sequences, int topK) {
    int vocabSize = engine.config().vocabSize();
    if (topK < 1 || topK > vocabSize) {
      throw new IllegalArgumentException(
          "topK must be between 1 and the vocabulary size " + vocabSize + ", got " + topK + ".");
    }
    int mask = engine.vocabulary().maskId();
    for (int[] sequence : sequences) {
      if (Arrays.stream(sequence).noneMatch(id -> id == mask)) {
        throw new IllegalArgumentException(
            "The text has no [MASK]; write [MASK] where a word is to be predicted.");
      }
    }
    return engine.run(
        sequences,
        (network, c, batch, members) -> predictions(network, c, batch, members, mask, topK));
  }

  private List<List<List<Prediction>>> predictions(
      ElectraGenerator network,
      Context c,
      PackedBatch batch,
      List<int[]> sequences,
      int mask,
      int topK) {
    int width = width(network);
    float[] masked = maskedRows(encode(network, c, batch, sequences), sequences, mask, width);
    List<List<Prediction>> flat = new ArrayList<>();
    int rows = masked.length / width;
    for (int from = 0; from < rows; from += ROWS_AT_ONCE) {
      int to = Math.min(rows, from + ROWS_AT_ONCE);
      engine.beginSecondStep(c);
      float[] logits =
          logits(network, c, Arrays.copyOfRange(masked, from * width, to * width), to - from);
      for (int row = 0; row < to - from; row++) {
        flat.add(best(logits, row, topK));
      }
    }
    List<List<List<Prediction>>> results = new ArrayList<>(sequences.size());
    int from = 0;
    for (int[] sequence : sequences) {
      int count = (int) Arrays.stream(sequence).filter(id -> id == mask).count();
      results.add(List.copyOf(flat.subList(from, from + count)));
      from += count;
    }
    return results;
  }

  private static float[] maskedRows(
      List<float[][]> hidden, List<int[]> sequences, int mask, int width) {
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      for (int j = 0; j < sequences.get(i).length; j++) {
        if (sequences.get(i)[j] == mask) {
          rows.add(hidden.get(i)[j]);
        }
      }
    }
    float[] flat = new float[rows.size() * width];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, flat, i * width, width);
    }
    return flat;
  }

  private static int width(ElectraGenerator network) {
    return network.electra().config().hiddenSize();
  }

  private static List<float[][]> encode(
      ElectraGenerator network, Context c, PackedBatch batch, List<int[]> sequences) {
    float[] hidden = c.downloadActivation(network.encode(c, batch, 0)); // (T, H)
    return Rows.split(hidden, width(network), sequences);
  }

  /** Returns the logits (m, V) of rows (m, H). */
  private static float[] logits(ElectraGenerator network, Context c, float[] rows, int m) {
    Tensor wide = c.upload(rows);
    Tensor x = c.activation(m, rows.length / m);
    c.backend().toActivation(x.address(), wide.address(), rows.length);
    return network.logits(c, x);
  }

  /** Returns the tokens with the largest logits of a row, lower ids first where they are equal. */
  private List<Prediction> best(float[] logits, int row, int topK) {
    int v = engine.config().vocabSize();
    int first = row * v;
    int[] best = new int[topK];
    int found = 0;
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < v; id++) {
      float logit = logits[first + id];
      max = Math.max(max, logit);
      if (found == topK && logit <= logits[first + best[topK - 1]]) {
        continue;
      }
      int at = found < topK ? found++ : topK - 1;
      for (; at > 0 && logits[first + best[at - 1]] < logit; at--) {
        best[at] = best[at - 1];
      }
      best[at] = id;
    }
    double sum = 0;
    for (int id = 0; id < v; id++) {
      sum += Math.exp(logits[first + id] - max);
    }
    List<Prediction> predictions = new ArrayList<>(topK);
    for (int id : best) {
      float probability = (float) (Math.exp(logits[first + id] - max) / sum);
      predictions.add(new Prediction(engine.vocabulary().token(id), id, probability));
    }
    return predictions;
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
