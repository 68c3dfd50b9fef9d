package org.electra4j.finetune.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.electra4j.io.FileFormatException;

/**
 * The lines of a UTF-8 file, one at a time, without line feed and carriage return at their end and
 * without byte order mark at the start of the file. Only a line feed ends a line.
 */
final class TextLines implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final char BYTE_ORDER_MARK = '\uFEFF';
  private static final char REPLACEMENT = '\uFFFD';

  private final Path file;
  private final InputStream in;
  private byte[] buffer = new byte[BUFFER];
  private int begin;
  private int end;
  private boolean finished;
  private long line;

  TextLines(Path file) throws IOException {
    this.file = file;
    this.in = DataFile.open(file);
  }

  /** Returns the next line, or null at the end of the file. */
  String next() throws IOException {
    int searched = begin;
    int lineFeed = find(searched);
    while (lineFeed < 0 && !finished) {
      searched = end - begin;
      fill();
      lineFeed = find(begin + searched);
    }
    if (lineFeed < 0 && begin == end) {
      return null;
    }
    int lineEnd = lineFeed < 0 ? end : lineFeed;
    line++;
    String text =
        decode(begin, lineEnd > begin && buffer[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd);
    begin = lineFeed < 0 ? end : lineFeed + 1;
    return line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK
        ? text.substring(1)
        : text;
  }

  /** Returns the number of the line that {@link #next} returned, from 1. */
  long line() {
    return line;
  }

  private int find(int from) {
    for (int i = from; i < end; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** Reads on behind the unread bytes, which move to the front of the buffer. */
  private void fill() throws IOException {
    int unread = end - begin;
    byte[] target = unread > buffer.length / 2 ? new byte[grown(unread)] : buffer;
    System.arraycopy(buffer, begin, target, 0, unread);
    buffer = target;
    begin = 0;
    end = unread;
    int count = in.read(buffer, end, buffer.length - end);
    finished = count < 0;
    end += Math.max(count, 0);
  }

  private int grown(int unread) throws IOException {
    if (unread > Integer.MAX_VALUE / 4) {
      throw new FileFormatException(file, line + 1, "is longer than 500 MB; is this a text file?");
    }
    return 2 * Math.max(unread, buffer.length / 2);
  }

  private String decode(int from, int to) throws IOException {
    String text = new String(buffer, from, to - from, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, from, to - from));
      } catch (CharacterCodingException e) {
        throw new FileFormatException(file, line, DataFile.NOT_UTF_8, e);
      }
    }
    return text;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
