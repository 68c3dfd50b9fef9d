package org.electra4j.train;

/** Tokens, time and waiting since the last log. */
final class IntervalMeter {
  private long begin = System.nanoTime();
  private long waitedBefore;
  private long tokens;

  void add(long moreTokens) {
    tokens += moreTokens;
  }

  double tokensPerSecond() {
    return tokens / seconds();
  }

  double waitShare(long waitedNanos) {
    return (waitedNanos - waitedBefore) * 1e-9 / seconds();
  }

  void restart(long waitedNanos) {
    begin = System.nanoTime();
    waitedBefore = waitedNanos;
    tokens = 0;
  }

  private double seconds() {
    return Math.max(1e-9, (System.nanoTime() - begin) * 1e-9);
  }
}
