package org.electra4j.model;

import org.electra4j.autograd.Context;
import org.electra4j.autograd.Sequences;
import org.electra4j.tensor.Tensor;

/**
 * A batch in backend memory: real tokens laid end to end.
 *
 * @param ids (T) i32
 * @param types (T) i32
 * @param positions (T) i32
 * @param sequences where each sequence lies
 */
public record PackedBatch(Tensor ids, Tensor types, Tensor positions, Sequences sequences) {

  /** Copies a batch to the backend. Arrays as in {@code PretrainingBatch}. */
  public static PackedBatch upload(
      Context c, int[] ids, int[] types, int[] positions, int[] cuSeqlens) {
    int longest = 0;
    for (int i = 1; i < cuSeqlens.length; i++) {
      longest = Math.max(longest, cuSeqlens[i] - cuSeqlens[i - 1]);
    }
    Sequences sequences =
        new Sequences(c.upload(cuSeqlens), cuSeqlens.length - 1, ids.length, longest);
    return new PackedBatch(c.upload(ids), c.upload(types), c.upload(positions), sequences);
  }

  /** Returns the same batch with other token ids (T). */
  public PackedBatch withIds(Tensor otherIds) {
    return new PackedBatch(otherIds, types, positions, sequences);
  }
}
