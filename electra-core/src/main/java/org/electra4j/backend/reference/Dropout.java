package org.electra4j.backend.reference;

import org.electra4j.backend.Philox;

/** The dropout factors of one site at one step. */
final class Dropout {
  private final float p;
  private final long seed;
  private final long step;
  private final int stream;
  private final double scale;

  Dropout(float p, long seed, long step, int stream) {
    this.p = p;
    this.seed = seed;
    this.step = step;
    this.stream = stream;
    this.scale = Philox.dropoutScale(p);
  }

  /** Returns what an element is multiplied by: 0 or the scale; 1 without dropout. */
  double factor(long element) {
    if (p == 0) {
      return 1;
    }
    return Philox.dropoutKeeps(seed, stream, step, element, p) ? scale : 0;
  }
}
