package org.electra4j.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class InferenceEngineTest {
  @Property
  void batchesHoldEverySequenceOnceAndNoMoreTokensThanAllowed(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 30) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 60) int maxTokens) {
    List<int[]> sequences = lengths.stream().map(int[]::new).toList();
    List<List<Integer>> batches = InferenceEngine.batches(sequences, maxTokens);
    List<Integer> flat = new ArrayList<>();
    for (List<Integer> batch : batches) {
      int tokens = batch.stream().mapToInt(lengths::get).sum();
      assertThat(tokens <= maxTokens || batch.size() == 1).isTrue();
      flat.addAll(batch);
    }
    assertThat(flat.stream().sorted().toList())
        .isEqualTo(java.util.stream.IntStream.range(0, lengths.size()).boxed().toList());
    assertThat(flat.stream().map(lengths::get).toList())
        .isSortedAccordingTo(java.util.Comparator.reverseOrder());
  }
}
