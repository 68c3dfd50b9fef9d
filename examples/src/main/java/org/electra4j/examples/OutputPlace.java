package org.electra4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Refuses to write where something else would be lost, or nothing can be written. */
final class OutputPlace {
  /** What export and import write into a model directory. */
  private static final Set<String> OF_A_MODEL =
      Set.of(
          "config.json",
          "generator",
          "model.safetensors",
          "special_tokens_map.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "vocab.txt");

  private OutputPlace() {}

  /** Returns what is wrong with a directory that a model is to replace, or null. */
  static String problemOfModel(Path directory, Path source) throws IOException {
    if (!Files.isDirectory(directory)) {
      return null;
    }
    if (Files.exists(source) && Files.isSameFile(directory, source)) {
      return directory + " is what is read; choose another folder to write.";
    }
    try (Stream<Path> entries = Files.list(directory)) {
      List<String> others =
          entries
              .map(path -> path.getFileName().toString())
              .filter(name -> !OF_A_MODEL.contains(name))
              .sorted()
              .toList();
      return others.isEmpty()
          ? null
          : directory
              + " holds "
              + others.get(0)
              + ", which a model directory would replace; choose an empty or new folder.";
    }
  }

  /** Returns what is wrong with a file that is to be written after much work, or null. */
  static String problemOfFile(Path file, List<Path> sources) throws IOException {
    if (Files.isDirectory(file)) {
      return file + " is a folder; name the file to write.";
    }
    for (Path source : sources) {
      if (Files.exists(file) && Files.exists(source) && Files.isSameFile(file, source)) {
        return file + " is what is read; name another file to write.";
      }
    }
    Path parent = file.toAbsolutePath().getParent();
    while (parent != null && !Files.exists(parent)) {
      parent = parent.getParent();
    }
    if (parent != null && !Files.isDirectory(parent)) {
      return parent + " is a file, not a folder; choose another place.";
    }
    return parent == null || Files.isWritable(parent)
        ? null
        : "Nothing can be written into " + parent + "; choose another place.";
  }
}
