package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.electra4j.tensor.Arena;
import org.junit.jupiter.api.Test;

class BatchPlansTest {
  private final List<Integer> planned = new ArrayList<>();

  private Arena.Plan plan(int tokens) {
    planned.add(tokens);
    return new Arena.Plan(List.of(0L), List.of((long) tokens), tokens);
  }

  @Test
  void aBatchHasTheSmallestPlanThatHoldsItAndEachIsMadeOnce() {
    BatchPlans plans = new BatchPlans(1_000, this::plan);
    assertThat(planned).containsExactly(1_000);
    for (int tokens = 1; tokens <= 1_000; tokens++) {
      assertThat(plans.of(tokens).bytes())
          .isEqualTo(tokens <= 64 ? 64 : tokens <= 512 ? 512 : 1_000);
    }
    assertThat(planned).containsExactly(1_000, 64, 512);
    assertThat(plans.of(900)).isSameAs(plans.largest());
  }

  @Test
  void aPlanThatDoesNotFitTheArenaIsNotTaken() {
    BatchPlans plans =
        new BatchPlans(
            100, tokens -> new Arena.Plan(List.of(0L), List.of(0L), tokens == 64 ? 101 : 100));
    assertThat(plans.of(3)).isSameAs(plans.largest());
  }

  @Test
  void noPlanIsLargerThanTheLargest() {
    BatchPlans plans = new BatchPlans(64, this::plan);
    assertThat(plans.of(3)).isSameAs(plans.largest());
    assertThat(plans.of(64)).isSameAs(plans.largest());
    assertThat(planned).containsExactly(64);
  }
}
