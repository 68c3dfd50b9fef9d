package org.electra4j.finetune.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The labels of a task: those it fixes, or those that its files have. */
final class LabelSet {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,9}");

  /** More classes than this are free text in the wrong column. */
  private static final int MOST = 100_000;

  private static final int MOST_SHOWN = 20;

  private final boolean fixed;
  private final List<String> order;
  private final Map<String, String> known = new HashMap<>();

  LabelSet(List<String> fixed) {
    this.fixed = !fixed.isEmpty();
    this.order = fixed;
    fixed.forEach(label -> known.put(label, label));
  }

  /**
   * Adds a label and returns the one instance of its text.
   *
   * @throws IllegalArgumentException if the labels are fixed and this is none of them, or empty
   */
  String add(String label) {
    String same = known.get(label);
    if (same != null) {
      return same;
    }
    if (label.isEmpty()) {
      throw new IllegalArgumentException("the label is empty");
    }
    if (fixed) {
      throw new IllegalArgumentException(
          "label '" + label + "' is none of " + String.join(", ", shown()));
    }
    if (known.size() == MOST) {
      throw new IllegalArgumentException(
          "more than " + MOST + " labels; is this the column of the label?");
    }
    known.put(label, label);
    return label;
  }

  private List<String> shown() {
    return order.size() <= MOST_SHOWN ? order : order.subList(0, MOST_SHOWN);
  }

  /**
   * Returns the labels in their fixed order; else by number if all are whole ones, else by text.
   */
  List<String> sorted() {
    if (fixed) {
      return order;
    }
    Set<String> labels = new LinkedHashSet<>(known.keySet());
    boolean numbers = labels.stream().allMatch(l -> WHOLE_NUMBER.matcher(l).matches());
    Comparator<String> byNumber = Comparator.comparingInt(Integer::parseInt);
    Comparator<String> byText = Comparator.naturalOrder();
    return labels.stream().sorted(numbers ? byNumber.thenComparing(byText) : byText).toList();
  }

  static Map<String, Integer> indices(Collection<String> labels) {
    Map<String, Integer> indices = new HashMap<>();
    labels.forEach(label -> indices.put(label, indices.size()));
    return indices;
  }
}
