package org.electra4j.bench.report;

import java.io.IOException;
import java.util.Map;

/** One side of a comparison, measured once a round. */
interface Contender {
  /** Returns what tables and plots call it. */
  String name();

  /** Returns one round's figures by metric. */
  Map<String, Double> measure() throws IOException;
}
