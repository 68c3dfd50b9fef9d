package org.electra4j.autograd;

import java.util.Arrays;
import java.util.function.Consumer;
import org.electra4j.tensor.DType;
import org.electra4j.tensor.Tensor;

/** What the joint head for spans reads beside a token's own vector. */
public final class SpanOps {
  private SpanOps() {}

  /**
   * Returns two rows of {@code x} beside each other: {@code y[i] = [x[starts[i]], x[i]]}.
   *
   * @param x (t, n)
   * @param starts (t), ascending
   * @return (t, 2n)
   */
  public static Tensor besideStart(Context c, Tensor x, int[] starts) {
    int t = x.rows();
    int n = x.columns();
    int[] both = new int[2 * t];
    for (int i = 0; i < t; i++) {
      both[2 * i] = starts[i];
      both[2 * i + 1] = i;
    }
    Tensor y = c.activation(t, 2 * n);
    gather(c, y, x, both);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y); // as (2t, n): starts and tokens in turn
                Tensor dx = c.activation(t, n);
                gather(c, dx, dy, everySecond(t, 1), 2 * t, n);
                c.addGradient(x, dx);
                Tensor dstarts = c.activation(t, n);
                gather(c, dstarts, dy, everySecond(t, 0), 2 * t, n);
                Tensor dxOfStarts = c.activation(t, n);
                Tensor rows = c.upload(starts);
                c.backend()
                    .scatterRows(dxOfStarts.address(), dstarts.address(), rows.address(), t, t, n);
                c.addGradient(x, dxOfStarts);
                c.release(y, dy, dstarts, rows);
              });
    }
    return y;
  }

  private static int[] everySecond(int count, int first) {
    int[] positions = new int[count];
    for (int i = 0; i < count; i++) {
      positions[i] = 2 * i + first;
    }
    return positions;
  }

  private static void gather(Context c, Tensor y, Tensor x, int[] positions) {
    gather(c, y, x, positions, x.rows(), x.columns());
  }

  private static void gather(Context c, Tensor y, Tensor x, int[] positions, int t, int n) {
    Tensor rows = c.upload(positions);
    c.backend().gatherRows(y.address(), x.address(), rows.address(), t, positions.length, n);
    c.release(rows);
  }

  /**
   * Returns for each sequence its first row and a weighted sum of its rows beside each other:
   * {@code y[b] = [x[begin], Σ weights[i] x[i]]}, summed in double precision.
   *
   * @param x (t, n)
   * @param offsets (B + 1): where each sequence starts, then t
   * @param weights (t)
   * @param weightGradient gets the gradient of the weights, (t), in a backward pass
   * @return (B, 2n)
   */
  public static Tensor firstAndMean(
      Context c, Tensor x, int[] offsets, float[] weights, Consumer<double[]> weightGradient) {
    int n = x.columns();
    int b = offsets.length - 1;
    float[] rows = c.downloadActivation(x);
    float[] values = new float[b * 2 * n];
    double[] sum = new double[n];
    for (int s = 0; s < b; s++) {
      Arrays.fill(sum, 0);
      for (int i = offsets[s]; i < offsets[s + 1]; i++) {
        for (int j = 0; j < n; j++) {
          sum[j] += (double) weights[i] * rows[i * n + j];
        }
      }
      System.arraycopy(rows, offsets[s] * n, values, s * 2 * n, n);
      for (int j = 0; j < n; j++) {
        values[(2 * s + 1) * n + j] = (float) sum[j];
      }
    }
    Tensor y = activation(c, values, b, 2 * n);
    if (c.isTraining()) {
      c.tape()
          .record(
              () -> {
                Tensor dy = c.tape().takeGradient(y);
                float[] dvalues = c.downloadActivation(dy);
                float[] dx = new float[rows.length];
                double[] dweights = new double[weights.length];
                for (int s = 0; s < b; s++) {
                  firstAndMeanBackward(
                      dx, dweights, dvalues, 2 * s * n, rows, weights, offsets, s, n);
                }
                weightGradient.accept(dweights);
                c.addGradient(x, activation(c, dx, x.rows(), n));
                c.release(y, dy);
              });
    }
    return y;
  }

  private static void firstAndMeanBackward(
      float[] dx,
      double[] dweights,
      float[] dvalues,
      int at,
      float[] rows,
      float[] weights,
      int[] offsets,
      int sequence,
      int n) {
    for (int i = offsets[sequence]; i < offsets[sequence + 1]; i++) {
      double dot = 0;
      for (int j = 0; j < n; j++) {
        double d = dvalues[at + n + j];
        dx[i * n + j] = (float) (weights[i] * d);
        dot += d * rows[i * n + j];
      }
      dweights[i] = dot;
    }
    for (int j = 0; j < n && offsets[sequence] < offsets[sequence + 1]; j++) {
      dx[offsets[sequence] * n + j] += dvalues[at + j];
    }
  }

  private static Tensor activation(Context c, float[] values, int rows, int columns) {
    Tensor y = c.activation(rows, columns);
    Tensor wide = c.arena().tensor(DType.F32, rows, columns);
    c.backend().upload(wide.address(), values, 0, values.length);
    c.backend().toActivation(y.address(), wide.address(), values.length);
    c.release(wide);
    return y;
  }
}
