package org.electra4j.bench.engines;

import java.nio.FloatBuffer;

/** What the peers' hidden states go through, as ours do inside. */
final class MeanPooling {
  private MeanPooling() {}

  /** Returns the mean row of each sequence. {@code hidden} is (sequences, length, width). */
  static float[][] apply(FloatBuffer hidden, int sequences, int length) {
    int width = hidden.remaining() / (sequences * length);
    float[][] means = new float[sequences][width];
    float[] row = new float[width];
    for (float[] mean : means) {
      for (int i = 0; i < length; i++) {
        hidden.get(row);
        for (int j = 0; j < width; j++) {
          mean[j] += row[j];
        }
      }
      for (int j = 0; j < width; j++) {
        mean[j] /= length;
      }
    }
    return means;
  }
}
