package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.text.TextPair;

/**
 * Puts texts, or pairs of texts, into classes.
 *
 * <p>Takes a fine-tuned directory of ours or of transformers ({@code
 * ElectraForSequenceClassification}). What is longer than the sequences that the model was
 * fine-tuned on is cut: of a pair the longer text.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class TextClassifier implements AutoCloseable {
  private final TaskEngine engine;

  private TextClassifier(TaskEngine engine) {
    this.engine = engine;
  }

  /** Loads a model directory with {@link InferenceOptions#defaults}. */
  public static TextClassifier load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads a model directory.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or is not of
   *     a classifier; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static TextClassifier load(Path directory, InferenceOptions options) throws IOException {
    return new TextClassifier(
        TaskEngine.load(directory, options, Kind.CLASSIFICATION, Kind.MULTI_LABEL));
  }

  /** Returns the labels, in the order of their indices. */
  public List<String> labels() {
    return engine.description().labels();
  }

  /** Returns whether any number of labels may apply to a text, rather than one. */
  public boolean isMultiLabel() {
    return engine.description().kind() == Kind.MULTI_LABEL;
  }

  /** Returns all labels of a text, best first. */
  public List<LabelScore> classify(String text) {
    return classify(text, null);
  }

  /** Returns all labels of a pair of texts, best first; {@code pair} may be null. */
  public List<LabelScore> classify(String text, String pair) {
    return scores(List.of(encode(text, pair))).get(0);
  }

  /** Returns all labels of each text, best first, in the order given. */
  public List<List<LabelScore>> classify(List<String> texts) {
    return scores(texts.stream().map(text -> encode(text, null)).toList());
  }

  /**
   * Returns all labels of each pair, best first, in the order given.
   *
   * @throws IllegalArgumentException when the lists are not of one length
   */
  public List<List<LabelScore>> classify(List<String> texts, List<String> pairs) {
    return scores(encode(engine, texts, pairs));
  }

  private TextPair encode(String text, String pair) {
    return TextPair.of(engine.tokenizer(), text, pair, engine.description().maxLength());
  }

  static List<TextPair> encode(TaskEngine engine, List<String> texts, List<String> pairs) {
    if (texts.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "There are " + texts.size() + " texts, but " + pairs.size() + " second texts.");
    }
    List<TextPair> inputs = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      inputs.add(
          TextPair.of(
              engine.tokenizer(), texts.get(i), pairs.get(i), engine.description().maxLength()));
    }
    return inputs;
  }

  private List<List<LabelScore>> scores(List<TextPair> inputs) {
    return engine.logits(inputs).stream()
        .map(
            logits ->
                isMultiLabel()
                    ? LabelScores.sigmoid(labels(), logits)
                    : LabelScores.softmax(labels(), logits, 0))
        .toList();
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
