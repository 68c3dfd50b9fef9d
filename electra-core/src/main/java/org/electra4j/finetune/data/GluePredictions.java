package org.electra4j.finetune.data;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Writes predictions as the GLUE server takes them: a TSV file named after the task, {@code
 * index<TAB>prediction} in the first line, then a row for each example of the test set in its
 * order; labels as the training files write them, STS-B's scores within [0, 5].
 */
public final class GluePredictions {
  private static final double LOWEST = 0;
  private static final double HIGHEST = 5;

  private GluePredictions() {}

  /**
   * Writes the predicted classes of a split and returns the file.
   *
   * @param folder where the file goes; made if it is missing
   * @param examples the examples of the split, in the order of the test file
   * @param labels the labels of the task, {@link TaskData#labels}
   * @param predicted for each example an index into {@code labels}
   * @throws IllegalArgumentException if the task is STS-B, or there is not one prediction for each
   *     example
   */
  public static Path write(
      Path folder,
      GlueTask task,
      String split,
      List<TextExample> examples,
      List<String> labels,
      int[] predicted)
      throws IOException {
    if (task == GlueTask.STSB) {
      throw new IllegalArgumentException("STS-B predicts numbers, not classes");
    }
    check(examples, predicted.length);
    return write(
        folder.resolve(task.predictionFile(split)), examples, i -> labels.get(predicted[i]));
  }

  /**
   * Writes the predicted numbers of STS-B and returns the file.
   *
   * @param folder where the file goes; made if it is missing
   * @param examples the examples, in the order of the test file
   * @param predicted a score for each example; written with three decimals, clipped to [0, 5]
   * @throws IllegalArgumentException if there is not one prediction for each example, or one is not
   *     a number
   */
  public static Path writeScores(Path folder, List<TextExample> examples, double[] predicted)
      throws IOException {
    check(examples, predicted.length);
    for (double score : predicted) {
      if (Double.isNaN(score)) {
        throw new IllegalArgumentException("a predicted score is not a number");
      }
    }
    Path file = folder.resolve(GlueTask.STSB.predictionFile(TaskData.TEST));
    return write(
        file,
        examples,
        i -> String.format(Locale.ROOT, "%.3f", Math.max(LOWEST, Math.min(HIGHEST, predicted[i]))));
  }

  private static void check(List<TextExample> examples, int predictions) {
    if (examples.size() != predictions) {
      throw new IllegalArgumentException(
          examples.size() + " examples but " + predictions + " predictions");
    }
  }

  private static Path write(Path file, List<TextExample> examples, IntFunction<String> prediction)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
      out.write("index\tprediction\n");
      for (int i = 0; i < examples.size(); i++) {
        out.write(examples.get(i).id() + "\t" + prediction.apply(i) + "\n");
      }
    }
    return file;
  }
}
