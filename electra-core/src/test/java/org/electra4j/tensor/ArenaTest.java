package org.electra4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.electra4j.Precision;
import org.electra4j.backend.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

class ArenaTest {
  @Test
  void releasedMemoryIsUsedAgainAndNeighboursMerge() {
    Arena arena = Arena.measuring();
    Tensor a = arena.tensor(DType.F32, 16);
    Tensor b = arena.tensor(DType.F32, 32);
    arena.tensor(DType.F32, 16);
    arena.release(a);
    arena.release(b);
    assertThat(arena.tensor(DType.F32, 48).address()).isEqualTo(a.address());
    assertThat(arena.peakBytes()).isEqualTo(4 * (16 + 32 + 16));
  }

  @Test
  void tensorsThatLiveTogetherNeverOverlap() {
    Random random = new Random(1);
    Arena arena = Arena.measuring();
    List<Tensor> live = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      if (!live.isEmpty() && random.nextInt(5) < 2) {
        arena.release(live.remove(random.nextInt(live.size())));
      } else {
        Tensor tensor = arena.tensor(DType.BF16, 1 + random.nextInt(500), 1 + random.nextInt(9));
        for (Tensor other : live) {
          assertThat(
                  tensor.address() + tensor.bytes() <= other.address()
                      || other.address() + other.bytes() <= tensor.address())
              .isTrue();
        }
        live.add(tensor);
        if (live.size() > 60) {
          arena.release(live.remove(0));
        }
      }
    }
  }

  @Test
  void everySmallerStepFitsThePlanOfTheLargest() {
    Arena measuring = Arena.measuring();
    step(measuring, 64, 10);
    Arena.Plan plan = measuring.plan();
    try (ReferenceBackend backend = new ReferenceBackend(Precision.FP32);
        Arena arena = Arena.allocate(backend, plan.bytes())) {
      for (int tokens = 1; tokens <= 64; tokens++) {
        for (int masked = 1; masked <= 10; masked++) {
          arena.begin(plan);
          step(arena, tokens, masked);
        }
      }
      arena.begin(plan);
      assertThatThrownBy(() -> step(arena, 65, 10))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("larger than its plan");
    }
  }

  /** Sizes that are equal for some batches and not for others. */
  private static void step(Arena arena, int tokens, int masked) {
    Tensor a = arena.tensor(DType.F32, tokens, 16);
    Tensor b = arena.tensor(DType.F32, masked, 128);
    arena.release(a);
    Tensor c = arena.tensor(DType.F32, masked, 96);
    Tensor d = arena.tensor(DType.F32, tokens, 16);
    arena.release(b);
    arena.release(c);
    arena.tensor(DType.F32, tokens, 20);
    arena.release(d);
  }

  @Test
  void releasingTwiceIsAnError() {
    Arena arena = Arena.measuring();
    Tensor a = arena.tensor(DType.F32, 16);
    arena.release(a);
    assertThatThrownBy(() -> arena.release(a)).isInstanceOf(IllegalStateException.class);
  }
}
