package org.electra4j.inference;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.IntFunction;
import org.electra4j.tensor.Arena;

/**
 * Plans of batches of up to 64, 512, 4,096 … tokens and of the largest: a short text keeps to the
 * beginning of its arena instead of touching pages all over it, which a fresh process waits for.
 * All but the largest are made when they are first needed. Thread-safe.
 */
final class BatchPlans {
  private static final int SMALLEST = 64;
  private static final int FACTOR = 8;

  private final int most;
  private final Arena.Plan largest;
  private final IntFunction<Arena.Plan> planner;
  private final ConcurrentMap<Integer, Arena.Plan> smaller = new ConcurrentHashMap<>();

  /**
   * Plans the largest batch.
   *
   * @param most tokens of the largest batch
   * @param planner returns the plan of so many tokens
   */
  BatchPlans(int most, IntFunction<Arena.Plan> planner) {
    this.most = most;
    this.planner = planner;
    this.largest = planner.apply(most);
  }

  Arena.Plan largest() {
    return largest;
  }

  /** Returns a plan for a batch of so many tokens; none needs more memory than the largest. */
  Arena.Plan of(int tokens) {
    long level = SMALLEST;
    while (level < tokens) {
      level *= FACTOR;
    }
    return level < most ? smaller.computeIfAbsent((int) level, this::plan) : largest;
  }

  /** The largest plan holds every batch: it stands in for one that would not fit the arena. */
  private Arena.Plan plan(int tokens) {
    Arena.Plan plan = planner.apply(tokens);
    return plan.bytes() <= largest.bytes() ? plan : largest;
  }
}
