package org.electra4j.finetune.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A task to fine-tune on: where its examples come from and how its predictions are scored. */
public interface Task<E extends Example> {

  /** Returns the name, in lower case. */
  String name();

  /** Returns what the task asks of a model. */
  TaskKind kind();

  /**
   * Returns the names of the task's metrics; the first is the one to choose by. Higher is better
   * for all of them.
   */
  List<String> metrics();

  /**
   * Returns the files of the task in a folder by the name of their split; a split whose file is
   * missing is not there.
   *
   * @throws IOException if the folder has none of them; the message names those it looked for
   */
  Map<String, Path> files(Path folder) throws IOException;

  /**
   * Reads files, each into the split it is given for.
   *
   * @throws org.electra4j.io.FileFormatException if a file is malformed; the message names the file
   *     and the line
   */
  TaskData<E> read(Map<String, Path> files) throws IOException;

  /** Reads the files of a folder: {@code read(files(folder))}. */
  default TaskData<E> read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(
          folder + " is not a folder; name the one with the task's files.");
    }
    return read(files(folder));
  }
}
