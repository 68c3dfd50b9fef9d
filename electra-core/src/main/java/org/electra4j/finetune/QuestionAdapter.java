package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.finetune.data.Answer;
import org.electra4j.finetune.data.QuestionExample;
import org.electra4j.finetune.metrics.TaskMetrics;
import org.electra4j.inference.QuestionAnswers;
import org.electra4j.model.SpanStyle;
import org.electra4j.text.ContextWindow;
import org.electra4j.text.WordPieceTokenizer;

/** The span of a context that answers a question; the windows without it point at [CLS]. */
final class QuestionAdapter extends TaskAdapter<QuestionExample, ContextWindow> {
  private final WordPieceTokenizer tokenizer;
  private final int maxLength;
  private final SpanStyle style;
  private final QuestionOptions options;

  QuestionAdapter(
      WordPieceTokenizer tokenizer, int maxLength, SpanStyle style, QuestionOptions options) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.style = style;
    this.options = options;
  }

  @Override
  boolean isTrainable(QuestionExample example) {
    return example.impossible() || example.answers().stream().anyMatch(Answer::located);
  }

  @Override
  List<ContextWindow> encode(QuestionExample example) {
    return ContextWindow.of(
        tokenizer,
        example.question(),
        example.context(),
        maxLength,
        options.stride(),
        options.maxQuestion());
  }

  @Override
  Targets targets(List<Item<QuestionExample, ContextWindow>> batch) {
    int[] starts = new int[batch.size()];
    int[] ends = new int[batch.size()];
    boolean[] impossible = new boolean[batch.size()];
    for (int i = 0; i < batch.size(); i++) {
      QuestionExample example = batch.get(i).example();
      impossible[i] = example.impossible();
      if (!example.impossible()) {
        Answer answer =
            example.answers().stream().filter(Answer::located).findFirst().orElseThrow();
        int[] span = locate(batch.get(i).input(), answer);
        starts[i] = span[0];
        ends[i] = span[1];
      }
    }
    return style == SpanStyle.JOINT
        ? new Targets.JointSpans(starts, ends, impossible)
        : new Targets.Spans(starts, ends);
  }

  /** Returns the tokens of an answer, without blanks around it, or [CLS] twice. */
  private static int[] locate(ContextWindow window, Answer answer) {
    String text = answer.text();
    int leading = text.length() - text.stripLeading().length();
    int[] span =
        window.locate(answer.start() + leading, answer.start() + text.stripTrailing().length());
    return span == null ? new int[2] : span;
  }

  @Override
  Evaluation evaluate(
      String split,
      List<QuestionExample> examples,
      List<Item<QuestionExample, ContextWindow>> items,
      List<float[]> logits) {
    List<QuestionAnswers> answers = answers(examples, items, logits);
    boolean mayBeNull =
        options.decoder().nullThreshold() != null
            || examples.stream().anyMatch(QuestionExample::impossible);
    float threshold =
        mayBeNull ? options.decoder().nullThresholdFor(style) : Float.POSITIVE_INFINITY;
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Double> odds = new LinkedHashMap<>();
    List<String> given = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      QuestionAnswers ofOne = answers.get(i);
      texts.put(examples.get(i).id(), ofOne.best(Float.POSITIVE_INFINITY));
      odds.put(examples.get(i).id(), Math.min(Double.MAX_VALUE, ofOne.nullOdds()));
      given.add(ofOne.best(threshold));
    }
    Map<String, Double> scores = scores(examples, texts, mayBeNull ? odds : Map.of(), threshold);
    return new Evaluation(
        split,
        scores,
        Double.NaN,
        scores.getOrDefault("f1", 1.0) == 0,
        examples.stream().map(QuestionExample::id).toList(),
        given);
  }

  @Override
  List<float[]> ensemble(List<List<float[]>> models) {
    return style == SpanStyle.JOINT ? Ensemble.spans(models) : super.ensemble(models);
  }

  private List<QuestionAnswers> answers(
      List<QuestionExample> examples,
      List<Item<QuestionExample, ContextWindow>> items,
      List<float[]> logits) {
    List<List<ContextWindow>> windows = new ArrayList<>();
    List<List<float[]>> ofWindows = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      windows.add(new ArrayList<>());
      ofWindows.add(new ArrayList<>());
    }
    for (int k = 0; k < items.size(); k++) {
      windows.get(items.get(k).number()).add(items.get(k).input());
      ofWindows.get(items.get(k).number()).add(logits.get(k));
    }
    List<QuestionAnswers> answers = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      answers.add(
          options
              .decoder()
              .decode(style, examples.get(i).context(), windows.get(i), ofWindows.get(i)));
    }
    return answers;
  }

  private Map<String, Double> scores(
      List<QuestionExample> examples,
      Map<String, String> texts,
      Map<String, Double> odds,
      float threshold) {
    List<QuestionExample> known = examples.stream().filter(QuestionExample::labelled).toList();
    return known.isEmpty() ? Map.of() : TaskMetrics.questions(known, texts, odds, threshold);
  }
}
