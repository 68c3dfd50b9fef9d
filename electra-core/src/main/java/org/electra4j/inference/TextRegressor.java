package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.text.TextPair;

/**
 * Gives a number to texts or pairs of texts, such as how alike they are.
 *
 * <p>Takes a directory that was fine-tuned with one output, ours or of transformers. What is too
 * long is cut as in {@link TextClassifier}.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class TextRegressor implements AutoCloseable {
  private final TaskEngine engine;

  private TextRegressor(TaskEngine engine) {
    this.engine = engine;
  }

  /** Loads a model directory with {@link InferenceOptions#defaults}. */
  public static TextRegressor load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults());
  }

  /**
   * Loads a model directory.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or is not of
   *     a regressor; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static TextRegressor load(Path directory, InferenceOptions options) throws IOException {
    return new TextRegressor(TaskEngine.load(directory, options, Kind.REGRESSION));
  }

  /** Returns the number of a text. */
  public float predict(String text) {
    return predict(text, null);
  }

  /** Returns the number of a pair of texts; {@code pair} may be null. */
  public float predict(String text, String pair) {
    return predict(List.of(text), Collections.singletonList(pair))[0];
  }

  /** Returns the number of each text, in the order given. */
  public float[] predict(List<String> texts) {
    return predict(texts, Collections.nCopies(texts.size(), null));
  }

  /**
   * Returns the number of each pair, in the order given.
   *
   * @throws IllegalArgumentException when the lists are not of one length
   */
  public float[] predict(List<String> texts, List<String> pairs) {
    List<TextPair> inputs = TextClassifier.encode(engine, texts, pairs);
    List<float[]> logits = engine.logits(inputs);
    float[] numbers = new float[logits.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = logits.get(i)[0];
    }
    return numbers;
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
