package org.electra4j.finetune;

import java.util.List;
import org.electra4j.autograd.Context;
import org.electra4j.model.PackedBatch;
import org.electra4j.text.ModelInput;

/** Lays sequences end to end. */
final class Packing {
  private Packing() {}

  /** Returns where each sequence starts, then the number of tokens. */
  static int[] offsets(List<? extends ModelInput> inputs) {
    int[] offsets = new int[inputs.size() + 1];
    for (int i = 0; i < inputs.size(); i++) {
      offsets[i + 1] = Math.addExact(offsets[i], inputs.get(i).ids().length);
    }
    return offsets;
  }

  /** Copies sequences to the backend. */
  static PackedBatch upload(Context c, List<? extends ModelInput> inputs) {
    int[] offsets = offsets(inputs);
    int tokens = offsets[inputs.size()];
    int[] ids = new int[tokens];
    int[] types = new int[tokens];
    int[] positions = new int[tokens];
    for (int i = 0; i < inputs.size(); i++) {
      int length = inputs.get(i).ids().length;
      System.arraycopy(inputs.get(i).ids(), 0, ids, offsets[i], length);
      System.arraycopy(inputs.get(i).types(), 0, types, offsets[i], length);
      for (int j = 0; j < length; j++) {
        positions[offsets[i] + j] = j;
      }
    }
    return PackedBatch.upload(c, ids, types, positions, offsets);
  }
}
