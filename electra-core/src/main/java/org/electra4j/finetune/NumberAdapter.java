package org.electra4j.finetune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.finetune.data.NumberExample;
import org.electra4j.finetune.metrics.TaskMetrics;
import org.electra4j.model.TaskNetwork;
import org.electra4j.nn.Parameter;
import org.electra4j.nn.ParameterStore;
import org.electra4j.text.TextPair;
import org.electra4j.text.WordPieceTokenizer;

/**
 * A number for a text or a pair. It is learnt as {@code (number - least) / (greatest - least)} of
 * the training examples, which for STS-B is the reference's {@code score / 5}; a saved model gives
 * the number itself.
 */
final class NumberAdapter extends TextAdapter<NumberExample> {
  private final double least;
  private final double range;

  NumberAdapter(WordPieceTokenizer tokenizer, int maxLength, List<NumberExample> train) {
    super(tokenizer, maxLength);
    this.least = train.stream().mapToDouble(NumberExample::number).min().orElse(0);
    double greatest = train.stream().mapToDouble(NumberExample::number).max().orElse(1);
    this.range = greatest > least ? greatest - least : 1;
  }

  @Override
  Targets targets(List<Item<NumberExample, TextPair>> batch) {
    float[] values = new float[batch.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((batch.get(i).example().number() - least) / range);
    }
    return new Targets.Numbers(values);
  }

  @Override
  Evaluation evaluate(
      String split,
      List<NumberExample> examples,
      List<Item<NumberExample, TextPair>> items,
      List<float[]> logits) {
    return evaluate(split, examples, logits, least, range);
  }

  /** Evaluates logits that stand for {@code least + range * logit}. */
  static Evaluation evaluate(
      String split,
      List<NumberExample> examples,
      List<float[]> logits,
      double least,
      double range) {
    List<String> answers = new ArrayList<>();
    List<Double> gold = new ArrayList<>();
    List<Double> ofGold = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      double number = least + range * logits.get(i)[0];
      answers.add(Double.toString(number));
      if (examples.get(i).labelled()) {
        gold.add(examples.get(i).number());
        ofGold.add(number);
      }
    }
    Map<String, Double> scores =
        gold.isEmpty() ? Map.of() : TaskMetrics.regression(doubles(gold), doubles(ofGold));
    boolean constant = scores.getOrDefault("pearson", 1.0).isNaN() && gold.size() > 1;
    return new Evaluation(
        split,
        scores,
        scores.getOrDefault("mse", Double.NaN),
        constant,
        examples.stream().map(NumberExample::id).toList(),
        answers);
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  void whileInOwnUnits(ParameterStore store, TaskNetwork network, FileWork work)
      throws IOException {
    Parameter weight = network.logitsHead().output().parameters().get(0);
    Parameter bias = network.logitsHead().output().parameters().get(1);
    float[] learntWeight = store.read(weight);
    float[] learntBias = store.read(bias);
    float[] scaled = learntWeight.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= (float) range;
    }
    store.write(weight, scaled);
    store.write(bias, new float[] {(float) (learntBias[0] * range + least)});
    try {
      work.run();
    } finally {
      store.write(weight, learntWeight);
      store.write(bias, learntBias);
    }
  }
}
