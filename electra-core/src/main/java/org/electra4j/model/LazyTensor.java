package org.electra4j.model;

import java.io.IOException;
import java.nio.FloatBuffer;
import org.electra4j.io.FloatSource;
import org.electra4j.io.Weights;

/**
 * The elements of a tensor, which are read when the first are asked for and forgotten with the
 * last.
 */
final class LazyTensor implements FloatSource {
  private final Weights weights;
  private final String name;
  private float[] values;

  LazyTensor(Weights weights, String name) {
    this.weights = weights;
    this.name = name;
  }

  @Override
  public void read(long firstElement, FloatBuffer destination) throws IOException {
    if (values == null) {
      values = weights.readFloats(name);
    }
    int count = destination.remaining();
    destination.put(values, (int) firstElement, count);
    if (firstElement + count == values.length) {
      values = null;
    }
  }
}
