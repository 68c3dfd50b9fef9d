package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.finetune.metrics.TaskMetrics;
import org.electra4j.text.TextPair;
import org.electra4j.text.WordPieceTokenizer;

/** One class of a text or a pair. */
final class ClassAdapter extends TextAdapter<ClassExample> {
  private final List<String> labels;

  ClassAdapter(WordPieceTokenizer tokenizer, int maxLength, List<String> labels) {
    super(tokenizer, maxLength);
    this.labels = labels;
  }

  @Override
  Targets targets(List<Item<ClassExample, TextPair>> batch) {
    return new Targets.Classes(batch.stream().mapToInt(item -> item.example().label()).toArray());
  }

  @Override
  Evaluation evaluate(
      String split,
      List<ClassExample> examples,
      List<Item<ClassExample, TextPair>> items,
      List<float[]> logits) {
    int[] predicted = logits.stream().mapToInt(Rows::argMax).toArray();
    List<String> answers = new ArrayList<>();
    List<Integer> gold = new ArrayList<>();
    List<Integer> ofGold = new ArrayList<>();
    double loss = 0;
    for (int i = 0; i < examples.size(); i++) {
      answers.add(labels.get(predicted[i]));
      int label = examples.get(i).label();
      if (label >= 0) {
        gold.add(label);
        ofGold.add(predicted[i]);
        loss += RowLosses.logSumExp(logits.get(i), 0, labels.size()) - logits.get(i)[label];
      }
    }
    boolean constant =
        ofGold.stream().distinct().count() == 1 && gold.stream().distinct().count() > 1;
    return new Evaluation(
        split,
        gold.isEmpty()
            ? Map.of()
            : TaskMetrics.classification(labels.size(), ints(gold), ints(ofGold)),
        gold.isEmpty() ? Double.NaN : loss / gold.size(),
        constant,
        examples.stream().map(ClassExample::id).toList(),
        answers);
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
