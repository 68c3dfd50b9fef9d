package org.electra4j.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Values of one kind over the steps of a run, in bounded memory. */
final class MetricsHistory {
  private static final int MOST_POINTS = 1 << 14;

  private final List<Long> steps = new ArrayList<>();
  private final Map<String, List<Double>> values = new LinkedHashMap<>();
  private long seen;
  private long stride = 1;

  /** Adds the values of a step; of a very long run only every second, fourth, … is kept. */
  void add(long step, Map<String, Double> point) {
    if (seen++ % stride != 0) {
      return;
    }
    if (steps.size() == MOST_POINTS) {
      stride *= 2;
      thin(steps);
      values.values().forEach(MetricsHistory::thin);
    }
    point.forEach(
        (name, value) -> {
          List<Double> series = values.computeIfAbsent(name, n -> new ArrayList<>());
          pad(series);
          series.add(value);
        });
    steps.add(step);
  }

  private void pad(List<Double> series) {
    while (series.size() < steps.size()) {
      series.add(Double.NaN);
    }
  }

  private static <T> void thin(List<T> list) {
    int kept = 0;
    for (int i = 0; i < list.size(); i += 2) {
      list.set(kept++, list.get(i));
    }
    list.subList(kept, list.size()).clear();
  }

  /** Returns whether a value of this name was ever finite. */
  boolean has(String name) {
    return values.getOrDefault(name, List.of()).stream().anyMatch(Double::isFinite);
  }

  /** Returns the steps. */
  double[] steps() {
    return steps.stream().mapToDouble(Long::doubleValue).toArray();
  }

  /** Returns the values of this name at the steps, NaN where unknown. */
  double[] values(String name) {
    List<Double> series = new ArrayList<>(values.getOrDefault(name, List.of()));
    pad(series);
    return series.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
