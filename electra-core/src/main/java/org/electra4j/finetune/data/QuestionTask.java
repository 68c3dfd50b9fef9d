package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A task of questions about contexts: SQuAD 1.1 and 2.0 JSON, or MRQA JSON lines, also compressed.
 * Files named {@code *.jsonl} or {@code *.jsonl.gz} are MRQA's, all others SQuAD's.
 */
public final class QuestionTask implements Task<QuestionExample> {
  private final String name;
  private final Map<String, List<String>> files;

  private QuestionTask(String name, Map<String, List<String>> files) {
    this.name = name.toLowerCase(Locale.ROOT);
    this.files = files;
  }

  /**
   * Returns the task of a name. In a folder its files are train, dev and test with {@code .json},
   * {@code .jsonl} or {@code .jsonl.gz}, or named as SQuAD's are: {@code train-v2.0.json}.
   */
  public static QuestionTask of(String name) {
    Map<String, List<String>> files = new LinkedHashMap<>();
    List<String> endings = List.of(".json", "-v2.0.json", "-v1.1.json", ".jsonl");
    files.put(TaskData.TRAIN, TaskFiles.names(List.of("train"), endings));
    files.put(TaskData.DEV, TaskFiles.names(List.of("dev", "validation", "valid"), endings));
    files.put(TaskData.TEST, TaskFiles.names(List.of("test"), endings));
    return new QuestionTask(name, files);
  }

  /** Returns a copy whose file of a split has one of these names, in order of preference. */
  public QuestionTask withFiles(String split, String... names) {
    Map<String, List<String>> copy = new LinkedHashMap<>(files);
    copy.put(split, List.of(names));
    return new QuestionTask(name, copy);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TaskKind kind() {
    return TaskKind.QUESTION_ANSWERING;
  }

  @Override
  public List<String> metrics() {
    return List.of("f1", "exact");
  }

  @Override
  public Map<String, Path> files(Path folder) throws IOException {
    return TaskFiles.find(folder, files);
  }

  @Override
  public TaskData<QuestionExample> read(Map<String, Path> paths) throws IOException {
    Map<String, List<QuestionExample>> splits = new LinkedHashMap<>();
    List<SkippedRows> skipped = new ArrayList<>();
    for (Map.Entry<String, Path> path : paths.entrySet()) {
      Path file = path.getValue();
      QuestionReader reader =
          DataFile.ending(file).equals(".jsonl") ? new MrqaReader(file) : new SquadReader(file);
      splits.put(path.getKey(), reader.read());
      skipped.addAll(reader.skips.report());
    }
    return new TaskData<>(List.of(), splits, skipped);
  }
}
