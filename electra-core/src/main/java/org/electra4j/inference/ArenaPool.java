package org.electra4j.inference;

import java.util.ArrayDeque;
import org.electra4j.backend.Backend;
import org.electra4j.tensor.Arena;

/** Arenas of one size for calls that run at the same time; a few idle ones are kept. */
final class ArenaPool implements AutoCloseable {
  private static final int MAX_IDLE = 4;

  private final Backend backend;
  private final long bytes;
  private final ArrayDeque<Arena> idle = new ArrayDeque<>();

  ArenaPool(Backend backend, long bytes) {
    this.backend = backend;
    this.bytes = bytes;
  }

  /** Returns an arena that nobody else uses. */
  Arena take() {
    synchronized (idle) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return Arena.allocate(backend, bytes);
  }

  void giveBack(Arena arena) {
    synchronized (idle) {
      if (idle.size() < MAX_IDLE) {
        idle.push(arena);
        return;
      }
    }
    arena.close();
  }

  @Override
  public void close() {
    synchronized (idle) {
      idle.forEach(Arena::close);
      idle.clear();
    }
  }
}
