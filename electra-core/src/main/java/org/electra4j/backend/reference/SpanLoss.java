package org.electra4j.backend.reference;

import org.electra4j.backend.BackendException;

/** Cross-entropy of the two ends of a span, over the tokens of each sequence. */
final class SpanLoss {
  private SpanLoss() {}

  static void run(
      Memory memory,
      Projection projection,
      long sums,
      long logits,
      long dx,
      long dw,
      long dbias,
      long starts,
      long ends,
      int[] cuSeqlens,
      float scale) {
    double[] zs = projection.logits;
    memory.putFloats(logits, zs);
    if (starts == 0) {
      return;
    }
    int b = cuSeqlens.length - 1;
    int[][] targets = {memory.ints(starts, b), memory.ints(ends, b)};
    double[] total = new double[2];
    double[] dzs = new double[zs.length];
    for (int sequence = 0; sequence < b; sequence++) {
      if (targets[0][sequence] < 0 || targets[1][sequence] < 0) {
        continue;
      }
      int begin = cuSeqlens[sequence];
      int length = cuSeqlens[sequence + 1] - begin;
      int largest = Math.max(targets[0][sequence], targets[1][sequence]);
      if (largest >= length) {
        throw new BackendException(
            "End of a span %d of row %d is not in [0, %d).".formatted(largest, sequence, length));
      }
      total[1]++;
      for (int end = 0; end < 2; end++) {
        int target = targets[end][sequence];
        double logSum = Vectors.logSumExp(zs, begin * 2 + end, length, 2);
        total[0] += (logSum - zs[(begin + target) * 2 + end]) / 2;
        for (int token = 0; token < length; token++) {
          int i = (begin + token) * 2 + end;
          dzs[i] = scale / 2 * (Math.exp(zs[i] - logSum) - (token == target ? 1 : 0));
        }
      }
    }
    memory.putDoubles(sums, total);
    projection.backward(dzs, dx, dw, dbias);
  }
}
