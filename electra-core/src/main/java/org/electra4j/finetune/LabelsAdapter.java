package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.electra4j.finetune.data.MultiLabelExample;
import org.electra4j.finetune.metrics.TaskMetrics;
import org.electra4j.text.TextPair;
import org.electra4j.text.WordPieceTokenizer;

/** Any number of labels of a text or a pair: those whose logit is above 0. */
final class LabelsAdapter extends TextAdapter<MultiLabelExample> {
  private final List<String> labels;

  LabelsAdapter(WordPieceTokenizer tokenizer, int maxLength, List<String> labels) {
    super(tokenizer, maxLength);
    this.labels = labels;
  }

  @Override
  Targets targets(List<Item<MultiLabelExample, TextPair>> batch) {
    float[] present = new float[batch.size() * labels.size()];
    for (int i = 0; i < batch.size(); i++) {
      for (int label : batch.get(i).example().labels()) {
        present[i * labels.size() + label] = 1;
      }
    }
    return new Targets.Labels(batch.size(), present);
  }

  @Override
  Evaluation evaluate(
      String split,
      List<MultiLabelExample> examples,
      List<Item<MultiLabelExample, TextPair>> items,
      List<float[]> logits) {
    List<String> answers = new ArrayList<>();
    List<List<Integer>> gold = new ArrayList<>();
    List<List<Integer>> ofGold = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      float[] row = logits.get(i);
      List<Integer> predicted =
          IntStream.range(0, row.length).filter(label -> row[label] > 0).boxed().toList();
      answers.add(predicted.stream().map(labels::get).collect(Collectors.joining(",")));
      if (examples.get(i).labelled()) {
        gold.add(examples.get(i).labels());
        ofGold.add(predicted);
      }
    }
    Map<String, Double> scores =
        gold.isEmpty() ? Map.of() : TaskMetrics.multiLabel(labels.size(), gold, ofGold);
    boolean constant =
        ofGold.stream().distinct().count() == 1 && gold.stream().distinct().count() > 1;
    return new Evaluation(
        split,
        scores,
        Double.NaN,
        constant,
        examples.stream().map(MultiLabelExample::id).toList(),
        answers);
  }
}
