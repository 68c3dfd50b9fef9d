package org.electra4j.bench.study;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A labelled task: texts with one label each, or words with one label each.
 *
 * @param name of its folder
 * @param perWord whether every word has a label
 * @param metric what it is judged by
 * @param train examples to fit a probe to
 * @param test examples to judge it by
 */
record ProbeTask(
    String name, boolean perWord, Metric metric, List<Example> train, List<Example> test) {

  /** Names of the tasks that can be read. */
  static final List<String> NAMES =
      List.of("sst2", "cola", "apt-section", "conll2000", "error-detection");

  /** How predictions are judged. */
  enum Metric {
    ACCURACY("accuracy"),
    MATTHEWS("Matthews"),
    AUC("AUC");

    final String title;

    Metric(String title) {
      this.title = title;
    }
  }

  /**
   * A text, or a sentence in words.
   *
   * @param parts the text alone, or the words
   * @param labels one label for the text, or one a word
   */
  record Example(List<String> parts, List<String> labels) {}

  /**
   * Reads a task from the folder of its name: GLUE's files of {@code sst2} and {@code cola}, a
   * table of {@code label} and {@code text} for {@code apt-section}, and columns of words and tags
   * for {@code conll2000} (chunks) and {@code error-detection} (ERR or O).
   *
   * @throws IllegalArgumentException for another name
   */
  static ProbeTask read(Path tasks, String name) throws IOException {
    Path folder = tasks.resolve(name);
    return switch (name) {
      case "sst2" -> table(folder, Metric.ACCURACY, "test.tsv", 1, 0, 1, Integer.MAX_VALUE);
      case "cola" -> table(folder, Metric.MATTHEWS, "dev.tsv", 0, 3, 1, Integer.MAX_VALUE);
      case "apt-section" -> table(folder, Metric.ACCURACY, "test.tsv", 1, 1, 0, 2_000);
      case "conll2000" -> columns(folder, Metric.ACCURACY, "train.txt", "dev.txt", " ", 1_000);
      case "error-detection" ->
          columns(folder, Metric.AUC, "train.conll", "test.conll", "\t", 4_000);
      default ->
          throw new IllegalArgumentException(
              "There is no task \"" + name + "\"; choose from " + String.join(", ", NAMES) + ".");
    };
  }

  private static ProbeTask table(
      Path folder, Metric metric, String test, int header, int text, int label, int most)
      throws IOException {
    List<List<Example>> parts = new ArrayList<>();
    for (String file : List.of("train.tsv", test)) {
      List<Example> examples = new ArrayList<>();
      List<String> lines = Files.readAllLines(folder.resolve(file));
      for (String line : lines.subList(header, lines.size())) {
        String[] fields = line.split("\t");
        if (fields.length <= Math.max(text, label)) {
          throw new IOException(folder.resolve(file) + " has a line of too few fields: " + line);
        }
        examples.add(new Example(List.of(fields[text]), List.of(fields[label])));
      }
      parts.add(sample(examples, most));
    }
    String name = folder.getFileName().toString();
    return new ProbeTask(name, false, metric, parts.get(0), parts.get(1));
  }

  private static ProbeTask columns(
      Path folder, Metric metric, String train, String test, String separator, int most)
      throws IOException {
    return new ProbeTask(
        folder.getFileName().toString(),
        true,
        metric,
        sample(sentences(folder.resolve(train), separator), most),
        sentences(folder.resolve(test), separator));
  }

  /** Words in the first column, their labels in the last, a blank line after every sentence. */
  private static List<Example> sentences(Path file, String separator) throws IOException {
    List<Example> sentences = new ArrayList<>();
    List<String> words = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.add("");
    for (String line : lines) {
      if (!line.isBlank()) {
        words.add(line.substring(0, line.indexOf(separator)));
        labels.add(line.substring(line.lastIndexOf(separator) + separator.length()));
      } else if (!words.isEmpty()) {
        sentences.add(new Example(List.copyOf(words), List.copyOf(labels)));
        words.clear();
        labels.clear();
      }
    }
    return sentences;
  }

  /** Returns at most so many examples, evenly spaced. */
  private static List<Example> sample(List<Example> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    List<Example> sample = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      sample.add(all.get((int) ((long) i * all.size() / most)));
    }
    return sample;
  }

  /** Returns the labels in alphabetical order; those of the test are among them or never right. */
  List<String> classes() {
    TreeSet<String> classes = new TreeSet<>();
    train.forEach(example -> classes.addAll(example.labels()));
    return List.copyOf(classes);
  }
}
