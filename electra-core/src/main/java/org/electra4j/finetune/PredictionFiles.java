package org.electra4j.finetune;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.electra4j.finetune.data.Example;
import org.electra4j.finetune.data.GluePredictions;
import org.electra4j.finetune.data.GlueTask;
import org.electra4j.finetune.data.Task;
import org.electra4j.finetune.data.TaskData;
import org.electra4j.finetune.data.TaskKind;
import org.electra4j.finetune.data.TextExample;

/** Writes what a model predicted. */
public final class PredictionFiles {
  private PredictionFiles() {}

  /**
   * Writes the predictions of a split and returns the file: of a GLUE task what its server takes,
   * of questions the JSON of SQuAD's scripts, else a TSV of ids and answers.
   *
   * @param folder where the file goes; made if it is missing
   */
  public static <E extends Example> Path write(
      Path folder, Task<E> task, TaskData<E> data, Evaluation evaluation) throws IOException {
    makeFolder(folder);
    Optional<GlueTask> glue =
        Arrays.stream(GlueTask.values())
            .filter(of -> of.taskName().equals(task.name()))
            .findFirst();
    if (glue.isPresent()) {
      return writeGlue(folder, glue.get(), data, evaluation);
    }
    String stem = task.name() + "_" + evaluation.split();
    if (task.kind() == TaskKind.QUESTION_ANSWERING) {
      Map<String, String> answers = new LinkedHashMap<>();
      for (int i = 0; i < evaluation.ids().size(); i++) {
        answers.put(evaluation.ids().get(i), evaluation.answers().get(i));
      }
      Path file = folder.resolve(stem + ".json");
      return Files.write(file, JsonMapper.builder().build().writeValueAsBytes(answers));
    }
    StringBuilder lines = new StringBuilder("id\tprediction\n");
    for (int i = 0; i < evaluation.ids().size(); i++) {
      String id = evaluation.ids().get(i);
      lines.append(id).append('\t').append(evaluation.answers().get(i)).append('\n');
    }
    return Files.writeString(folder.resolve(stem + ".tsv"), lines, StandardCharsets.UTF_8);
  }

  /**
   * Makes the folder of predictions, so that a wrong one is known before there are any.
   *
   * @throws IOException when it cannot be made, or is a file
   */
  public static void makeFolder(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException(
          folder + " is a file, not a folder; choose another place for the predictions.");
    }
    Files.createDirectories(folder);
  }

  private static Path writeGlue(Path folder, GlueTask task, TaskData<?> data, Evaluation evaluation)
      throws IOException {
    List<TextExample> examples =
        data.split(evaluation.split()).stream().map(TextExample.class::cast).toList();
    if (task == GlueTask.STSB) {
      double[] numbers = evaluation.answers().stream().mapToDouble(Double::parseDouble).toArray();
      return GluePredictions.writeScores(folder, examples, numbers);
    }
    int[] classes = evaluation.answers().stream().mapToInt(data.labels()::indexOf).toArray();
    return GluePredictions.write(
        folder, task, evaluation.split(), examples, data.labels(), classes);
  }
}
