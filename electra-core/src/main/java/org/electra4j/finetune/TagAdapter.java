package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.electra4j.finetune.data.TagScheme;
import org.electra4j.finetune.data.TaggedWords;
import org.electra4j.finetune.metrics.RocCurve;
import org.electra4j.finetune.metrics.TaskMetrics;
import org.electra4j.inference.TagDecoder;
import org.electra4j.text.WordPieceTokenizer;
import org.electra4j.text.WordSequence;

/** A tag of each word, at its first piece, as {@link TagDecoder} picks it. */
final class TagAdapter extends TaskAdapter<TaggedWords, WordSequence> {
  private static final int BINARY = 2;

  private final WordPieceTokenizer tokenizer;
  private final int maxLength;
  private final List<String> labels;
  private final int wordType;
  private final boolean spans;
  private final int outside;
  private final TagDecoder decoder;

  TagAdapter(WordPieceTokenizer tokenizer, int maxLength, List<String> labels, int wordType) {
    this.tokenizer = tokenizer;
    this.maxLength = maxLength;
    this.labels = labels;
    this.wordType = wordType;
    this.spans = TagScheme.detect(List.of(labels)) != TagScheme.WORDS;
    this.outside = labels.indexOf(TagScheme.OUTSIDE);
    this.decoder = new TagDecoder(labels);
  }

  @Override
  List<WordSequence> encode(TaggedWords example) {
    return WordSequence.of(tokenizer, example.words(), maxLength).stream()
        .map(sequence -> sequence.withType(wordType))
        .toList();
  }

  @Override
  List<String> remarks(List<Item<TaggedWords, WordSequence>> items) {
    int vanished = items.stream().mapToInt(item -> item.input().vanished()).sum();
    if (vanished == 0) {
      return List.of();
    }
    long words = items.stream().mapToLong(item -> item.input().rows().length).sum();
    String first =
        items.stream()
            .filter(item -> item.input().vanished() > 0)
            .findFirst()
            .map(item -> item.example().id())
            .orElseThrow();
    return List.of(
        String.format(
            Locale.ROOT,
            "of %,d of %,d words the tokenizer leaves nothing; they are read as [UNK] (first:"
                + " example %s)",
            vanished,
            words,
            first));
  }

  @Override
  Targets targets(List<Item<TaggedWords, WordSequence>> batch) {
    int[] all = new int[batch.stream().mapToInt(Item::length).sum()];
    Arrays.fill(all, -1);
    int begin = 0;
    for (Item<TaggedWords, WordSequence> item : batch) {
      WordSequence sequence = item.input();
      for (int i = 0; i < sequence.rows().length; i++) {
        all[begin + sequence.rows()[i]] = item.example().tags()[sequence.firstWord() + i];
      }
      begin += item.length();
    }
    return new Targets.Classes(all);
  }

  @Override
  Evaluation evaluate(
      String split,
      List<TaggedWords> examples,
      List<Item<TaggedWords, WordSequence>> items,
      List<float[]> logits) {
    List<float[]> ofWords =
        examples.stream().map(e -> new float[e.words().size() * labels.size()]).toList();
    List<double[]> margins = examples.stream().map(e -> new double[e.words().size()]).toList();
    double loss = 0;
    long words = 0;
    for (int k = 0; k < items.size(); k++) {
      WordSequence sequence = items.get(k).input();
      TaggedWords example = items.get(k).example();
      float[] rows = logits.get(k);
      sequence.copyRows(rows, ofWords.get(items.get(k).number()), labels.size());
      for (int i = 0; i < sequence.rows().length; i++) {
        int begin = sequence.rows()[i] * labels.size();
        int word = sequence.firstWord() + i;
        margins.get(items.get(k).number())[word] = margin(rows, begin);
        if (example.labelled()) {
          loss +=
              RowLosses.logSumExp(rows, begin, labels.size()) - rows[begin + example.tags()[word]];
          words++;
        }
      }
    }
    List<int[]> predicted = ofWords.stream().map(decoder::decode).toList();
    Map<String, Double> scores = scores(examples, predicted, margins);
    return new Evaluation(
        split,
        scores,
        words == 0 ? Double.NaN : loss / words,
        predicted.stream().flatMapToInt(Arrays::stream).distinct().count() == 1
            && scores.getOrDefault("f1", 1.0) == 0,
        examples.stream().map(TaggedWords::id).toList(),
        predicted.stream().map(tags -> String.join(" ", texts(tags))).toList());
  }

  /** Returns how much a two-tag model prefers the tag that is not O. */
  private double margin(float[] rows, int begin) {
    return labels.size() == BINARY && outside >= 0
        ? rows[begin + 1 - outside] - rows[begin + outside]
        : 0;
  }

  private Map<String, Double> scores(
      List<TaggedWords> examples, List<int[]> predicted, List<double[]> margins) {
    List<Integer> known = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      if (examples.get(i).labelled()) {
        known.add(i);
      }
    }
    Map<String, Double> scores = new LinkedHashMap<>();
    if (known.isEmpty()) {
      return scores;
    }
    List<int[]> gold = known.stream().map(i -> examples.get(i).tags()).toList();
    List<int[]> tags = known.stream().map(predicted::get).toList();
    scores.putAll(TaskMetrics.tagging(labels, gold, tags));
    if (!spans && labels.size() == BINARY && outside >= 0) {
      double[] all = known.stream().flatMapToDouble(i -> Arrays.stream(margins.get(i))).toArray();
      int[] flat = gold.stream().flatMapToInt(Arrays::stream).toArray();
      boolean[] positive = new boolean[flat.length];
      for (int i = 0; i < flat.length; i++) {
        positive[i] = flat[i] != outside;
      }
      scores.put("auc", RocCurve.area(positive, all));
    }
    return scores;
  }

  private List<String> texts(int[] tags) {
    return Arrays.stream(tags).mapToObj(labels::get).toList();
  }
}
