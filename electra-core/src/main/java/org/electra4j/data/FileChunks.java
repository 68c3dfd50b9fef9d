package org.electra4j.data;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/** The chunks of one text file after the other. */
final class FileChunks implements CorpusPreparer.ChunkSource {
  private final Iterator<InputFile> files;
  private ChunkReader current;

  FileChunks(List<InputFile> files) {
    this.files = files.iterator();
  }

  @Override
  public TextChunk next() throws IOException {
    while (true) {
      if (current == null) {
        if (!files.hasNext()) {
          return null;
        }
        current = new ChunkReader(files.next());
      }
      TextChunk chunk = current.next();
      if (chunk != null) {
        return chunk;
      }
      close();
    }
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.close();
      current = null;
    }
  }
}
