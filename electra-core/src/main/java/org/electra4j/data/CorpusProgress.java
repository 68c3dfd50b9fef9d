package org.electra4j.data;

/**
 * Hears how far the preparation of a corpus is; called on the preparing thread, about once per MB.
 */
@FunctionalInterface
public interface CorpusProgress {

  /**
   * Takes the bytes of input read so far and in all, as stored (compressed for gzip); {@code
   * bytesTotal} is -1 where the lines come from memory and the total is unknown.
   */
  void update(long bytesDone, long bytesTotal);
}
