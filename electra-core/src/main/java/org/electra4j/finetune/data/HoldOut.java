package org.electra4j.finetune.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Moves a random part of a split to another. */
final class HoldOut<E extends Example> {
  private final TaskData<E> data;

  HoldOut(TaskData<E> data) {
    this.data = data;
  }

  TaskData<E> move(String from, String to, double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("the share to hold out must be in (0, 1), got " + share);
    }
    List<E> all = data.split(from);
    Map<Object, Integer> sizes = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      sizes.merge(group(all.get(i), i), 1, Integer::sum);
    }
    if (sizes.size() < 2) {
      throw new IllegalArgumentException(
          "split '" + from + "' cannot be divided: its examples are of " + sizes.size() + " text");
    }
    Set<Object> moved = choose(sizes, Math.max(1, Math.round(share * all.size())), seed);
    List<E> kept = new ArrayList<>();
    List<E> heldOut = new ArrayList<>(data.split(to));
    for (int i = 0; i < all.size(); i++) {
      (moved.contains(group(all.get(i), i)) ? heldOut : kept).add(all.get(i));
    }
    Map<String, List<E>> splits = new LinkedHashMap<>(data.splits());
    splits.put(from, kept);
    splits.put(to, heldOut);
    return new TaskData<>(data.labels(), splits, data.skipped());
  }

  /** Returns random groups that hold as many examples as wanted, and never all groups. */
  private static Set<Object> choose(Map<Object, Integer> sizes, long wanted, long seed) {
    List<Object> groups = new ArrayList<>(sizes.keySet());
    Collections.shuffle(groups, new Random(seed));
    Set<Object> chosen = new HashSet<>();
    long count = 0;
    for (Object group : groups.subList(0, groups.size() - 1)) {
      if (count >= wanted) {
        break;
      }
      chosen.add(group);
      count += sizes.get(group);
    }
    return chosen;
  }

  private static Object group(Example example, int number) {
    if (example instanceof QuestionExample question) {
      return question.article().isEmpty() ? question.context() : question.article();
    }
    return number;
  }
}
