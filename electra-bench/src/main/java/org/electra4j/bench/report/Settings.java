package org.electra4j.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import org.electra4j.bench.report.JmhContender.Times;

/**
 * What the sets of a report have in common.
 *
 * @param threads of every contender
 * @param seconds length of a JMH iteration
 * @param quick a few comparisons instead of all
 */
record Settings(int threads, double seconds, boolean quick) {
  /** Returns the iterations of one round. */
  Times times() {
    return new Times(1, 3, seconds);
  }

  /** Returns a JMH contender on these threads. */
  JmhContender jmh(
      String name, String benchmark, Map<String, String> parameters, Map<String, Double> work) {
    Map<String, String> all = new LinkedHashMap<>(parameters);
    all.putIfAbsent("threads", "" + threads);
    return new JmhContender(name, benchmark, all, work, times());
  }
}
