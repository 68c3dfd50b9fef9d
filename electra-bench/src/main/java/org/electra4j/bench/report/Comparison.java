package org.electra4j.bench.report;

import java.util.List;

/**
 * One piece of work and who does it; the first contender is ours, the others are divided by it.
 *
 * @param x where the work lies on the axis of a line plot, NaN when it has none
 */
record Comparison(String work, double x, List<Contender> contenders) {
  Comparison(String work, List<Contender> contenders) {
    this(work, Double.NaN, contenders);
  }
}
