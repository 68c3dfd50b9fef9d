package org.electra4j.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of one run: a folder of {@code checkpoint-<step>} directories, each written by
 * {@link AtomicDirectory}.
 *
 * <p>A directory of that name is always whole, so the newest is simply the one with the largest
 * step: no pointer file that could disagree. Only the holder of the run's {@link RunLock} may save,
 * prune or recover.
 *
 * @param folder where the checkpoints are; made by the first {@link #save}
 */
public record CheckpointDirectory(Path folder) {

  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,18})");
  private static final Pattern LEFTOVER =
      Pattern.compile("\\.(checkpoint-\\d{1,18})\\.(?:writing|ready|old)");

  /**
   * Writes the checkpoint of a step and returns its directory; one of the same step is replaced.
   *
   * @throws IOException if anything fails; all older checkpoints are then still in place
   */
  public Path save(long step, AtomicDirectory.Content content) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("A step is not negative, but is " + step + ".");
    }
    Path directory = folder.resolve("checkpoint-" + step);
    AtomicDirectory.write(directory, content);
    return directory;
  }

  /** Returns the directory of the newest checkpoint, or empty if there is none. */
  public Optional<Path> latest() throws IOException {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /**
   * Returns the directories of all checkpoints, oldest first; empty if the folder does not exist.
   */
  public List<Path> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> step(path).isPresent() && Files.isDirectory(path))
          .sorted(Comparator.comparingLong(path -> step(path).getAsLong()))
          .toList();
    }
  }

  /** Returns the step in the name of a checkpoint directory, or empty if it is no such name. */
  public static OptionalLong step(Path directory) {
    Matcher matcher = NAME.matcher(directory.getFileName().toString());
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Deletes all but the newest {@code keep} checkpoints.
   *
   * @throws IllegalArgumentException if {@code keep} is below 1: the newest one is what a run
   *     resumes from
   */
  public void prune(int keep) throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException(
          "At least one checkpoint is kept, but " + keep + " was asked for.");
    }
    List<Path> all = all();
    for (Path directory : all.subList(0, Math.max(0, all.size() - keep))) {
      AtomicDirectory.delete(directory);
    }
  }

  /** Completes or undoes every write that a process which died left behind. */
  public void recover() throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<String> names;
    try (Stream<Path> entries = Files.list(folder)) {
      names =
          entries
              .map(path -> LEFTOVER.matcher(path.getFileName().toString()))
              .filter(Matcher::matches)
              .map(matcher -> matcher.group(1))
              .distinct()
              .toList();
    }
    for (String name : names) {
      AtomicDirectory.recover(folder.resolve(name));
    }
  }
}
