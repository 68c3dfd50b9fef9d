package org.electra4j.finetune;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.electra4j.autograd.Context;
import org.electra4j.backend.Backend;
import org.electra4j.model.TaskNetwork;
import org.electra4j.tensor.Arena;
import org.electra4j.text.ModelInput;

/**
 * Computes the logits of many sequences. They are sorted by length, so that those of a batch need
 * about the same work, and packed without padding.
 */
final class LogitsRunner {
  private static final int BATCH_TOKENS = 4096;
  private static final int SHORTEST = 2; // [CLS] and [SEP]

  private record Empty(int[] ids, int[] types) implements ModelInput {}

  private final Backend backend;

  LogitsRunner(Backend backend) {
    this.backend = backend;
  }

  /**
   * Plans the largest batch of a network.
   *
   * @param measuring the backend that the network is on, which only counts
   */
  static Arena.Plan plan(Backend measuring, TaskNetwork network, int maxLength) {
    int sequences = Math.max(BATCH_TOKENS, maxLength) / SHORTEST;
    Arena arena = Arena.measuring();
    Context c = Context.inference(measuring, arena, 0, 0);
    List<ModelInput> inputs =
        Collections.nCopies(sequences, new Empty(new int[SHORTEST], new int[SHORTEST]));
    network.results(c, Packing.upload(c, inputs), lengths(inputs));
    return arena.plan();
  }

  /**
   * Returns the logits of each sequence, row after row, or its spans, in the order given.
   *
   * @param plan from {@link #plan} of the network
   */
  List<float[]> logits(
      TaskNetwork network, Arena arena, Arena.Plan plan, List<? extends ModelInput> inputs) {
    List<float[]> results = new ArrayList<>(Collections.nCopies(inputs.size(), null));
    Integer[] order =
        IntStream.range(0, inputs.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -inputs.get(i).ids().length))
            .toArray(Integer[]::new);
    for (int begin = 0; begin < order.length; ) {
      int end = begin;
      long tokens = 0;
      while (end < order.length
          && (end == begin || tokens + inputs.get(order[end]).ids().length <= BATCH_TOKENS)) {
        tokens += inputs.get(order[end++]).ids().length;
      }
      List<ModelInput> batch = new ArrayList<>();
      for (int i = begin; i < end; i++) {
        batch.add(inputs.get(order[i]));
      }
      arena.begin(plan);
      Context c = Context.inference(backend, arena, 0, 0);
      List<float[]> rows = network.results(c, Packing.upload(c, batch), lengths(batch));
      for (int i = begin; i < end; i++) {
        results.set(order[i], rows.get(i - begin));
      }
      begin = end;
    }
    return results;
  }

  private static int[] lengths(List<? extends ModelInput> inputs) {
    return inputs.stream().mapToInt(input -> input.ids().length).toArray();
  }
}
