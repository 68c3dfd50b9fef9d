package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.electra4j.model.SpanStyle;
import org.electra4j.text.ContextWindow;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;
import org.junit.jupiter.api.Test;

/** The best spans from the logits of their ends. */
class AnswerDecoderTest {
  private static final WordPieceTokenizer TOKENIZER =
      new WordPieceTokenizer(
          Vocabulary.of(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "q", "a", "b", "c")),
          TokenizerOptions.uncased());
  private static final String CONTEXT = "a b c a";

  /** Logits that are -9 but for the context tokens given: start and end of a span. */
  private static float[] logits(ContextWindow window, int start, int end, float score) {
    float[] logits = new float[2 * window.ids().length];
    Arrays.fill(logits, -9);
    logits[2 * (window.contextBegin() + start)] = score;
    logits[2 * (window.contextBegin() + end) + 1] = score;
    return logits;
  }

  private static List<ContextWindow> windows(int maxLength) {
    return ContextWindow.of(TOKENIZER, "q", CONTEXT, maxLength, 2, 64);
  }

  @Test
  void bestSpan() {
    List<ContextWindow> windows = windows(20);
    QuestionAnswers answers =
        AnswerDecoder.defaults().decode(CONTEXT, windows, List.of(logits(windows.get(0), 1, 2, 3)));
    PredictedAnswer best = answers.answers().get(0);
    assertThat(best.text()).isEqualTo("b c");
    assertThat(best.start()).isEqualTo(2);
    assertThat(best.end()).isEqualTo(5);
    assertThat(best.score()).isEqualTo(6);
    assertThat(answers.nullScore()).isEqualTo(-18);
    assertThat(answers.nullOdds()).isEqualTo(-24);
    assertThat(answers.best(0)).isEqualTo("b c");
    assertThat(answers.best(-25)).isEmpty();
    double sum = answers.answers().stream().mapToDouble(PredictedAnswer::probability).sum();
    assertThat(sum).isCloseTo(1, within(1e-5));
  }

  @Test
  void endBeforeStartAndLongSpansDoNotCount() {
    List<ContextWindow> windows = windows(20);
    List<float[]> backwards = List.of(logits(windows.get(0), 2, 1, 3));
    assertThat(AnswerDecoder.defaults().decode(CONTEXT, windows, backwards).answers())
        .noneMatch(answer -> answer.score() == 6);
    List<float[]> whole = List.of(logits(windows.get(0), 0, 2, 3));
    assertThat(new AnswerDecoder(20, 2).decode(CONTEXT, windows, whole).answers())
        .noneMatch(answer -> answer.score() == 6);
    assertThat(new AnswerDecoder(20, 3).decode(CONTEXT, windows, whole).best(0)).isEqualTo("a b c");
  }

  @Test
  void windowsCompeteAndAStartCountsInItsBestWindowOnly() {
    List<ContextWindow> windows = windows(7); // a b c, then c a
    assertThat(windows).hasSize(2);
    assertThat(windows.get(0).best()).as("a, b and c").containsOnly(true);
    assertThat(windows.get(1).best()).as("c, a").containsExactly(false, true);
    List<float[]> logits = new ArrayList<>();
    logits.add(logits(windows.get(0), 1, 1, 1)); // b
    logits.add(logits(windows.get(1), 0, 0, 5)); // c, which the first window answers for
    logits.get(1)[2 * (windows.get(1).contextBegin() + 1)] = 2; // the second a
    logits.get(1)[2 * (windows.get(1).contextBegin() + 1) + 1] = 2;
    QuestionAnswers answers = AnswerDecoder.defaults().decode(CONTEXT, windows, logits);
    assertThat(answers.best(0)).isEqualTo("a");
    assertThat(answers.answers().get(0).start()).isEqualTo(6);
    assertThat(answers.answers()).anyMatch(answer -> answer.text().equals("b"));
  }

  @Test
  void equalTextsCountOnce() {
    List<ContextWindow> windows = windows(20);
    float[] logits = logits(windows.get(0), 0, 0, 3);
    int last = windows.get(0).contextBegin() + 3;
    logits[2 * last] = 2;
    logits[2 * last + 1] = 2;
    QuestionAnswers answers = AnswerDecoder.defaults().decode(CONTEXT, windows, List.of(logits));
    assertThat(answers.answers().stream().filter(a -> a.text().equals("a"))).hasSize(1);
    assertThat(new AnswerDecoder(2, 30).decode(CONTEXT, windows, List.of(logits)).answers())
        .hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void emptyContextHasNoAnswer() {
    List<ContextWindow> windows = ContextWindow.of(TOKENIZER, "q", "", 20, 2, 64);
    QuestionAnswers answers =
        AnswerDecoder.defaults()
            .decode("", windows, List.of(new float[2 * windows.get(0).ids().length]));
    assertThat(answers.answers()).isEmpty();
    assertThat(answers.best(100)).isEmpty();
  }

  @Test
  void spansOfTheJointHeadCompeteByTheirOwnScoresAndNotWithNoAnswer() {
    List<ContextWindow> windows = windows(7); // a b c, then c a
    int first = windows.get(0).contextBegin();
    int second = windows.get(1).contextBegin();
    float[] one = {
      -1, first, first + 1, -0.5f, first + 2, first + 1, -0.1f, 0, 0, -0.01f, first, first + 3,
      -0.2f
    };
    float[] two = {-3, second, second, -0.05f, second + 1, second + 1, -0.4f};
    QuestionAnswers answers =
        AnswerDecoder.defaults().decode(SpanStyle.JOINT, CONTEXT, windows, List.of(one, two));
    assertThat(answers.answers().stream().map(PredictedAnswer::text)).containsExactly("a", "a b");
    assertThat(answers.answers().get(0).start()).isEqualTo(6);
    assertThat(answers.nullScore()).isEqualTo(-3);
    assertThat(answers.nullOdds()).isEqualTo(-3);
    assertThat(answers.best(AnswerDecoder.nullThreshold(SpanStyle.JOINT))).isEqualTo("a");
    assertThat(answers.best(-3.5f)).isEmpty();
    double sum = answers.answers().stream().mapToDouble(PredictedAnswer::probability).sum();
    assertThat(sum).isCloseTo(1 / (1 + Math.exp(-3)), within(1e-5));
  }

  @Test
  void theThresholdIsTheStylesUnlessOneIsGiven() {
    AnswerDecoder usual = new AnswerDecoder(3, 4);
    assertThat(usual.nullThresholdFor(SpanStyle.INDEPENDENT)).isZero();
    assertThat(usual.nullThresholdFor(SpanStyle.JOINT)).isEqualTo(-2.75f);
    AnswerDecoder own = usual.withNullThreshold(1.5f);
    assertThat(own).isEqualTo(new AnswerDecoder(3, 4, 1.5f));
    assertThat(own.nullThresholdFor(SpanStyle.JOINT)).isEqualTo(1.5f);
    assertThatThrownBy(() -> usual.withNullThreshold(Float.NaN))
        .hasMessage("nullThreshold must be a number, got NaN.");
  }

  @Test
  void sizesMustBePositive() {
    assertThatThrownBy(() -> new AnswerDecoder(0, 30))
        .hasMessage("nBest and maxAnswerTokens must be at least 1, got 0 and 30.");
  }
}
