package org.electra4j.finetune.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The examples of a task by split, its labels, and what was left out.
 *
 * @param labels the label texts in the order of the class indices; empty where a task has none
 * @param splits examples by the name of the split: {@link #TRAIN}, {@link #DEV}, {@link #TEST}, and
 *     what else a task has, such as {@code dev_mismatched}; in reading order
 * @param skipped what is left out, with the reason; also logged as warnings when read
 */
public record TaskData<E extends Example>(
    List<String> labels, Map<String, List<E>> splits, List<SkippedRows> skipped) {
  /** The split to train on. */
  public static final String TRAIN = "train";

  /** The split to choose by. */
  public static final String DEV = "dev";

  /** The split to report, or without labels to predict. */
  public static final String TEST = "test";

  /** Copies the fields. */
  public TaskData {
    labels = List.copyOf(labels);
    Map<String, List<E>> copy = new LinkedHashMap<>();
    splits.forEach((name, examples) -> copy.put(name, List.copyOf(examples)));
    splits = Collections.unmodifiableMap(copy);
    skipped = List.copyOf(skipped);
  }

  /** Returns the examples of a split; empty if there is none of that name. */
  public List<E> split(String name) {
    return splits.getOrDefault(name, List.of());
  }

  /** Returns the examples to train on. */
  public List<E> train() {
    return split(TRAIN);
  }

  /** Returns the examples to choose by. */
  public List<E> dev() {
    return split(DEV);
  }

  /** Returns the examples to report, or without labels to predict. */
  public List<E> test() {
    return split(TEST);
  }

  /** Returns how many rows and answers were left out in all files. */
  public int skippedRows() {
    return skipped.stream().mapToInt(SkippedRows::count).sum();
  }

  /**
   * Returns the data with a random part of one split moved to another: for files that come without
   * a dev or test split. Questions move article by article, or without articles context by context,
   * so that no text lies on both sides; the rest example by example. The order within a split
   * stays.
   *
   * @param from the split to take from
   * @param to the split to add to, at its end
   * @param share how much of {@code from} moves, in (0, 1)
   * @param seed chooses what moves: the same seed moves the same
   * @throws IllegalArgumentException if {@code share} is out of range, or {@code from} has fewer
   *     than two groups
   */
  public TaskData<E> holdOut(String from, String to, double share, long seed) {
    return new HoldOut<>(this).move(from, to, share, seed);
  }
}
