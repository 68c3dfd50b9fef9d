package org.electra4j.finetune.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Finds the files of a task in a folder. */
final class TaskFiles {
  private TaskFiles() {}

  /** Returns every stem with every ending, by stem. */
  static List<String> names(List<String> stems, List<String> endings) {
    List<String> names = new ArrayList<>();
    stems.forEach(stem -> endings.forEach(ending -> names.add(stem + ending)));
    return names;
  }

  /**
   * Returns for each split the first of its names that is a file, as it stands or with .gz.
   *
   * @throws FileNotFoundException if there is none at all
   */
  static Map<String, Path> find(Path folder, Map<String, List<String>> names) throws IOException {
    Map<String, Path> found = new LinkedHashMap<>();
    names.forEach(
        (split, candidates) ->
            candidates.stream()
                .flatMap(name -> List.of(name, name + ".gz").stream())
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .ifPresent(file -> found.put(split, file)));
    if (Files.isDirectory(folder) && !Files.isReadable(folder)) {
      throw new AccessDeniedException(folder.toString());
    }
    if (found.isEmpty()) {
      throw new FileNotFoundException(
          folder
              + " has no file of this task; expected are "
              + names.entrySet().stream()
                  .map(e -> String.join(" or ", e.getValue()) + " (" + e.getKey() + ")")
                  .collect(Collectors.joining(", "))
              + ".");
    }
    return found;
  }
}
