package org.electra4j.data;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A text file of a corpus, with what tells whether it has changed. */
record InputFile(Path path, long size, long modifiedMillis) {

  /**
   * Returns the files behind the given paths: a file itself, of a folder every *.txt and *.txt.gz
   * below it in order of path; hidden files are passed over, a file named twice counts once.
   */
  static List<InputFile> find(List<Path> inputs) throws IOException {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("A corpus needs at least one text file or folder");
    }
    Map<Path, InputFile> files = new LinkedHashMap<>();
    for (Path input : inputs) {
      for (Path path : expand(input)) {
        Path absolute = path.toAbsolutePath().normalize();
        long modified = Files.getLastModifiedTime(path).toMillis();
        files.putIfAbsent(absolute, new InputFile(absolute, Files.size(path), modified));
      }
    }
    return new ArrayList<>(files.values());
  }

  private static List<Path> expand(Path input) throws IOException {
    if (!Files.exists(input)) {
      throw new NoSuchFileException(input.toString(), null, "the corpus path does not exist");
    }
    if (Files.isRegularFile(input)) {
      return List.of(input);
    }
    if (!Files.isDirectory(input)) {
      throw new IllegalArgumentException(input + " is neither a text file nor a folder");
    }
    if (TokenizedCorpus.isPrepared(input)) {
      throw new IllegalArgumentException(
          input + " is a prepared corpus: open it as such, or name the text it was made from");
    }
    try (Stream<Path> all = Files.walk(input, FileVisitOption.FOLLOW_LINKS)) {
      List<Path> texts =
          all.filter(path -> isText(path.getFileName()) && Files.isRegularFile(path))
              .sorted(Comparator.comparing(path -> slashed(input.relativize(path))))
              .toList();
      if (texts.isEmpty()) {
        throw new IllegalArgumentException(
            "No text files in " + input + ": a corpus folder holds *.txt or *.txt.gz");
      }
      return texts;
    }
  }

  private static boolean isText(Path name) {
    if (name == null) {
      return false;
    }
    String lower = name.toString().toLowerCase(Locale.ROOT);
    return !lower.startsWith(".") && (lower.endsWith(".txt") || lower.endsWith(".txt.gz"));
  }

  /** Returns a path's text with one separator, so that the order is the same on every system. */
  private static String slashed(Path path) {
    return path.toString().replace(path.getFileSystem().getSeparator(), "/");
  }
}
