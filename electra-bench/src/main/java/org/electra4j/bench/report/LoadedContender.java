package org.electra4j.bench.report;

import java.io.IOException;
import java.util.Map;

/** A contender beside a {@link BusyProcess}. */
record LoadedContender(Contender contender) implements Contender {
  @Override
  public String name() {
    return contender.name() + ", beside a busy process";
  }

  @Override
  public Map<String, Double> measure() throws IOException {
    try (BusyProcess busy = BusyProcess.start()) {
      Map<String, Double> figures = contender.measure();
      if (!busy.isRunning()) {
        throw new IOException("The busy process ended before the measurement did.");
      }
      return figures;
    }
  }
}
