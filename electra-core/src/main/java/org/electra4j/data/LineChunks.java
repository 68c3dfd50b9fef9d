package org.electra4j.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Cuts lines from memory into chunks. */
final class LineChunks implements CorpusPreparer.ChunkSource {
  private static final int CHUNK_CHARS = 1 << 20;

  private final Iterator<String> lines;
  private boolean ended;

  LineChunks(Iterable<String> lines) {
    this.lines = lines.iterator();
  }

  @Override
  public TextChunk next() {
    if (ended) {
      return null;
    }
    List<String> chunk = new ArrayList<>();
    long chars = 0;
    while (chars < CHUNK_CHARS && lines.hasNext()) {
      String line = lines.next();
      chunk.add(line);
      chars += line.length() + 1L;
    }
    ended = !lines.hasNext();
    return new TextChunk("lines", 1, null, 0, chunk.toArray(String[]::new), ended, chars);
  }
}
