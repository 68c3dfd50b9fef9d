package org.electra4j.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Cuts a text file, plain or gzip by its first two bytes, into chunks of whole lines. */
final class ChunkReader implements AutoCloseable {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int MAX_LINE_BYTES = 1 << 28;

  private final InputFile file;
  private final CountingStream stored;
  private final InputStream text;
  private byte[] rest = new byte[0];
  private long nextLine = 1;
  private long reported;
  private boolean ended;

  ChunkReader(InputFile file) throws IOException {
    this.file = file;
    this.stored = new CountingStream(new FileInputStream(file.path().toFile()));
    try {
      this.text = uncompressed(new BufferedInputStream(stored, 1 << 16));
      skipByteOrderMark();
    } catch (IOException | RuntimeException e) {
      stored.close();
      throw e;
    }
  }

  private InputStream uncompressed(BufferedInputStream in) throws IOException {
    in.mark(2);
    boolean gzip = in.read() == 0x1F && in.read() == 0x8B;
    in.reset();
    try {
      return gzip ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
  }

  private void skipByteOrderMark() throws IOException {
    byte[] start = new byte[3];
    int n = fill(start, 0);
    boolean mark =
        n == 3 && start[0] == (byte) 0xEF && start[1] == (byte) 0xBB && start[2] == (byte) 0xBF;
    rest = mark ? new byte[0] : Arrays.copyOf(start, n);
  }

  /**
   * Returns the next chunk, the last one of a file marked as such even if it is empty, then null.
   */
  TextChunk next() throws IOException {
    if (ended) {
      return null;
    }
    int capacity = (int) Math.max(4096, Math.min(CHUNK_BYTES, file.size() + 1));
    byte[] bytes = new byte[Math.max(capacity, rest.length * 2)];
    System.arraycopy(rest, 0, bytes, 0, rest.length);
    int length = rest.length;
    int cut;
    while (true) {
      length += fill(bytes, length);
      if (length < bytes.length) {
        ended = true;
        cut = length;
        break;
      }
      cut = afterLastLineFeed(bytes, length);
      if (cut > 0) {
        break;
      }
      if (bytes.length >= MAX_LINE_BYTES) {
        throw new IllegalArgumentException(
            String.format(
                "%s, line %d is longer than %d MiB. Break the text into lines, one sentence or paragraph"
                    + " each.",
                file.path(), nextLine, MAX_LINE_BYTES >> 20));
      }
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    rest = Arrays.copyOfRange(bytes, cut, length);
    return chunk(bytes, cut);
  }

  private TextChunk chunk(byte[] bytes, int length) {
    long line = nextLine;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        nextLine++;
      }
    }
    long read = stored.count - reported;
    reported = stored.count;
    return new TextChunk(file.path().toString(), line, bytes, length, null, ended, read);
  }

  private static int afterLastLineFeed(byte[] bytes, int length) {
    int i = length;
    while (i > 0 && bytes[i - 1] != '\n') {
      i--;
    }
    return i;
  }

  private int fill(byte[] bytes, int from) throws IOException {
    try {
      return text.readNBytes(bytes, from, bytes.length - from);
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    } catch (IOException e) {
      throw new IOException("Cannot read " + file.path() + ": " + e.getMessage(), e);
    }
  }

  private IOException damaged(IOException cause) {
    return new IOException(
        file.path() + " is a damaged or cut off gzip file (" + cause.getMessage() + ")", cause);
  }

  @Override
  public void close() throws IOException {
    text.close();
  }

  /** Counts the stored bytes that were read. */
  private static final class CountingStream extends FilterInputStream {
    private long count;

    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      count += Math.max(0, n);
      return n;
    }
  }
}
