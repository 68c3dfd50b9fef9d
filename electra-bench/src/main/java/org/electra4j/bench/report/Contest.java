package org.electra4j.bench.report;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * Runs the contenders of a comparison in turn: A B A B. One that fails is left out of later rounds,
 * with its reason kept.
 *
 * @param rounds how often each is measured
 * @param progress hears one line a measurement
 */
record Contest(int rounds, Consumer<String> progress) {
  Standings run(Section section, Comparison comparison) {
    Standings standings = new Standings();
    for (int round = 1; round <= rounds; round++) {
      for (Contender contender : comparison.contenders()) {
        if (!standings.hasFailed(contender.name())) {
          measure(section, comparison, contender, standings, round);
        }
      }
    }
    return standings;
  }

  private void measure(
      Section section, Comparison comparison, Contender contender, Standings standings, int round) {
    String what = comparison.work() + ", " + contender.name() + ", round " + round + ": ";
    Section.Column decisive = section.decisive();
    try {
      var figures = contender.measure();
      if (!figures.containsKey(decisive.metric())) {
        throw new IOException("it reported no " + decisive.metric() + " but " + figures.keySet());
      }
      standings.add(contender.name(), figures);
      progress.accept(
          what + decisive.format(figures.get(decisive.metric())) + " " + decisive.heading());
    } catch (IOException e) {
      standings.addFailure(contender.name(), e.getMessage());
      progress.accept(what + e.getMessage());
    }
  }
}
