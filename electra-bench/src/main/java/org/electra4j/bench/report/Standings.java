package org.electra4j.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the contenders of a comparison reached in all rounds. */
final class Standings {
  private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  void add(String contender, Map<String, Double> round) {
    Map<String, List<Double>> own = figures.computeIfAbsent(contender, c -> new LinkedHashMap<>());
    round.forEach(
        (metric, value) -> own.computeIfAbsent(metric, m -> new ArrayList<>()).add(value));
  }

  void addFailure(String contender, String reason) {
    failures.put(contender, reason);
  }

  boolean hasFailed(String contender) {
    return failures.containsKey(contender);
  }

  /** Returns why contenders were left out, by name. */
  Map<String, String> failures() {
    return failures;
  }

  /** Returns the median over the rounds, NaN when there is none. */
  double median(String contender, String metric) {
    double[] values = values(contender, metric);
    Arrays.sort(values);
    int n = values.length;
    return n == 0 ? Double.NaN : (values[(n - 1) / 2] + values[n / 2]) / 2;
  }

  /** Returns (largest - smallest) / median over the rounds, NaN below two rounds. */
  double spread(String contender, String metric) {
    double[] values = values(contender, metric);
    Arrays.sort(values);
    return values.length < 2
        ? Double.NaN
        : (values[values.length - 1] - values[0]) / median(contender, metric);
  }

  private double[] values(String contender, String metric) {
    return figures.getOrDefault(contender, Map.of()).getOrDefault(metric, List.of()).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }
}
