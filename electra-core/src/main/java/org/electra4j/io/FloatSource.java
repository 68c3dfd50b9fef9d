package org.electra4j.io;

import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * Hands out the elements of a tensor in pieces, so that a writer never needs all of them at once.
 */
@FunctionalInterface
public interface FloatSource {

  /** Fills {@code destination} up to its limit with the elements from {@code firstElement} on. */
  void read(long firstElement, FloatBuffer destination) throws IOException;

  /** Returns a source over the elements between the position and the limit of a buffer. */
  static FloatSource of(FloatBuffer values) {
    FloatBuffer view = values.slice();
    return (first, destination) ->
        destination.put(view.slice(Math.toIntExact(first), destination.remaining()));
  }
}
