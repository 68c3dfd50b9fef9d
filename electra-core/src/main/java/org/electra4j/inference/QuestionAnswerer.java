package org.electra4j.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.electra4j.model.SpanStyle;
import org.electra4j.model.TaskDescription.Kind;
import org.electra4j.text.ContextWindow;

/**
 * Finds the span of a context that answers a question.
 *
 * <p>Takes a fine-tuned directory of ours or of transformers ({@code ElectraForQuestionAnswering}),
 * or one of ours with the reference's joint head. A context that is longer than the sequences that
 * the model was fine-tuned on is read in windows ({@link ContextWindow}); how spans are chosen:
 * {@link AnswerDecoder}.
 *
 * <p>Immutable and safe for use by many threads at once; {@link #close} waits for running calls,
 * and every later call throws {@link IllegalStateException}.
 */
public final class QuestionAnswerer implements AutoCloseable {
  private static final int STRIDE = 128;
  private static final int MAX_QUESTION = 64;

  private final TaskEngine engine;
  private final AnswerDecoder decoder;

  private QuestionAnswerer(TaskEngine engine, AnswerDecoder decoder) {
    this.engine = engine;
    this.decoder = decoder;
  }

  /** Loads a model directory with the defaults of both options. */
  public static QuestionAnswerer load(Path directory) throws IOException {
    return load(directory, InferenceOptions.defaults(), AnswerDecoder.defaults());
  }

  /**
   * Loads a model directory.
   *
   * @throws IOException when a file is missing, is not valid, does not fit the others or has no
   *     head for spans; the message names it
   * @throws org.electra4j.backend.BackendException when the device is not available
   */
  public static QuestionAnswerer load(
      Path directory, InferenceOptions options, AnswerDecoder decoder) throws IOException {
    return new QuestionAnswerer(
        TaskEngine.load(directory, options, Kind.QUESTION_ANSWERING), decoder);
  }

  /**
   * Returns the best answers of a context to a question.
   *
   * @throws IllegalArgumentException when the model's sequences have no room for a context
   */
  public QuestionAnswers answer(String question, String context) {
    return answer(List.of(question), List.of(context)).get(0);
  }

  /**
   * Returns the best answers to each question from the context of the same place.
   *
   * @throws IllegalArgumentException when the lists are not of one length
   */
  public List<QuestionAnswers> answer(List<String> questions, List<String> contexts) {
    if (questions.size() != contexts.size()) {
      throw new IllegalArgumentException(
          "There are " + questions.size() + " questions, but " + contexts.size() + " contexts.");
    }
    List<ContextWindow> all = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      all.addAll(
          ContextWindow.of(
              engine.tokenizer(),
              questions.get(i),
              contexts.get(i),
              engine.description().maxLength(),
              STRIDE,
              MAX_QUESTION));
      ends.add(all.size());
    }
    List<float[]> logits = engine.logits(all);
    List<QuestionAnswers> answers = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < ends.size(); i++) {
      int end = ends.get(i);
      answers.add(
          decoder.decode(
              engine.description().spanStyle(),
              contexts.get(i),
              all.subList(begin, end),
              logits.subList(begin, end)));
      begin = end;
    }
    return answers;
  }

  /**
   * Returns the null odds above which a question counts as unanswered: the decoder's, or else what
   * this model's head asks for ({@link AnswerDecoder#nullThreshold(SpanStyle)}).
   */
  public float nullThreshold() {
    return decoder.nullThresholdFor(engine.description().spanStyle());
  }

  /** Waits for running calls and frees the model. */
  @Override
  public void close() {
    engine.close();
  }
}
