package org.electra4j.finetune.data;

import java.util.List;

/**
 * A column of a table, by name or by place.
 *
 * @param names the names it may have, in order of preference; empty if it is found by place
 * @param index its place from 0; from -1 backwards, counted from the last column
 */
record Column(List<String> names, int index) {
  static final int ABSENT = Integer.MIN_VALUE;

  static Column named(String... names) {
    return new Column(List.of(names), ABSENT);
  }

  static Column at(int index) {
    return new Column(List.of(), index);
  }

  boolean byName() {
    return !names.isEmpty();
  }

  /** Returns the place of the column under a header, or {@link #ABSENT}. */
  int place(List<String> header) {
    for (String name : names) {
      if (header.contains(name)) {
        return header.indexOf(name);
      }
    }
    return byName() ? ABSENT : index;
  }

  @Override
  public String toString() {
    return byName() ? "'" + names.get(0) + "'" : "number " + index;
  }
}
