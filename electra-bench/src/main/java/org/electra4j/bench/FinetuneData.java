package org.electra4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.electra4j.data.KeyedPermutation;
import org.electra4j.finetune.data.ClassExample;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.finetune.data.Tasks;
import org.electra4j.finetune.data.TextTask;
import org.electra4j.text.TextPair;
import org.electra4j.text.TokenizerOptions;
import org.electra4j.text.Vocabulary;
import org.electra4j.text.WordPieceTokenizer;

/**
 * A classification task as every contender sees it: the training batches of an epoch, shuffled by a
 * fixed seed and tokenised with the bundled vocabulary, and the held-out texts.
 *
 * @param labels texts of the classes
 * @param trainExamples labelled examples to train on, all of them
 * @param batches at most {@link #MOST_BATCHES} training batches, all of one size
 * @param dev the held-out examples
 * @param devInputs the same as sequences
 */
public record FinetuneData(
    List<String> labels,
    int trainExamples,
    List<Batch> batches,
    List<ClassExample> dev,
    List<TextPair> devInputs) {
  /**
   * Training batches that are kept; a measurement goes through them again and again. Few, so that a
   * slow contender has passed through all of them as well: they differ in length.
   */
  public static final int MOST_BATCHES = 8;

  private static final long SEED = 1;

  /**
   * Sequences laid end to end.
   *
   * @param cuSeqlens where each sequence starts, then the number of tokens
   */
  public record Batch(
      List<TextPair> inputs,
      int[] labels,
      int[] ids,
      int[] types,
      int[] positions,
      int[] cuSeqlens) {

    static Batch of(List<TextPair> inputs, int[] labels) {
      int[] offsets = new int[inputs.size() + 1];
      for (int i = 0; i < inputs.size(); i++) {
        offsets[i + 1] = offsets[i] + inputs.get(i).ids().length;
      }
      int tokens = offsets[inputs.size()];
      Batch batch =
          new Batch(inputs, labels, new int[tokens], new int[tokens], new int[tokens], offsets);
      for (int i = 0; i < inputs.size(); i++) {
        int length = inputs.get(i).ids().length;
        System.arraycopy(inputs.get(i).ids(), 0, batch.ids, offsets[i], length);
        System.arraycopy(inputs.get(i).types(), 0, batch.types, offsets[i], length);
        for (int j = 0; j < length; j++) {
          batch.positions[offsets[i] + j] = j;
        }
      }
      return batch;
    }
  }

  /**
   * Reads a folder in the layout of a published task.
   *
   * @throws IOException when a file is missing or malformed, the task is none of classes, or there
   *     are too few examples for a batch
   */
  public static FinetuneData read(Path folder, String name, int batchSize, int maxLength)
      throws IOException {
    if (!(Tasks.byName(name) instanceof TextTask task)) {
      throw new IOException("Task " + name + " is none of texts with classes; sst2 is one.");
    }
    TaskData<?> data = task.read(folder);
    List<ClassExample> train = classes(data.train(), name);
    List<ClassExample> dev = classes(data.dev(), name);
    if (train.size() < batchSize || dev.isEmpty()) {
      throw new IOException(
          folder
              + " has "
              + train.size()
              + " examples to train on and "
              + dev.size()
              + " held out; a batch takes "
              + batchSize
              + ", and one must be held out.");
    }
    WordPieceTokenizer tokenizer =
        new WordPieceTokenizer(Vocabulary.load(Workspace.vocabulary()), TokenizerOptions.uncased());
    KeyedPermutation order = new KeyedPermutation(train.size(), SEED, 0);
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < Math.min(MOST_BATCHES, train.size() / batchSize); i++) {
      List<TextPair> inputs = new ArrayList<>();
      int[] labels = new int[batchSize];
      for (int j = 0; j < batchSize; j++) {
        ClassExample example = train.get((int) order.apply((long) i * batchSize + j));
        inputs.add(TextPair.of(tokenizer, example.text(), example.pair(), maxLength));
        labels[j] = example.label();
      }
      batches.add(Batch.of(inputs, labels));
    }
    List<TextPair> devInputs =
        dev.stream()
            .map(example -> TextPair.of(tokenizer, example.text(), example.pair(), maxLength))
            .toList();
    return new FinetuneData(data.labels(), train.size(), batches, dev, devInputs);
  }

  private static List<ClassExample> classes(List<?> examples, String task) throws IOException {
    List<ClassExample> classes = new ArrayList<>();
    for (Object example : examples) {
      if (!(example instanceof ClassExample one)) {
        throw new IOException("Task " + task + " has no classes; sst2 has.");
      }
      if (one.labelled()) {
        classes.add(one);
      }
    }
    return classes;
  }

  /** Returns the batch that needs most memory: the longest sequences. */
  public Batch largestBatch() {
    List<TextPair> longest =
        batches.stream()
            .flatMap(batch -> batch.inputs.stream())
            .sorted(Comparator.comparingInt((TextPair input) -> -input.ids().length))
            .limit(batches.get(0).inputs.size())
            .toList();
    return Batch.of(longest, new int[longest.size()]);
  }

  /** Returns the tokens of all held-out sequences. */
  public long devTokens() {
    return devInputs.stream().mapToLong(input -> input.ids().length).sum();
  }

  /** Writes the sequences for the peer script: one JSON object a line, in the order of training. */
  public void write(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (Batch batch : batches) {
        for (int i = 0; i < batch.labels.length; i++) {
          writeLine(writer, json, "train", batch.inputs.get(i), batch.labels[i]);
        }
      }
      for (int i = 0; i < dev.size(); i++) {
        writeLine(writer, json, "dev", devInputs.get(i), dev.get(i).label());
      }
    }
  }

  private static void writeLine(
      BufferedWriter writer, ObjectMapper json, String split, TextPair input, int label)
      throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("split", split);
    line.put("ids", input.ids());
    line.put("types", input.types());
    line.put("label", label);
    writer.write(json.writeValueAsString(line));
    writer.newLine();
  }
}
