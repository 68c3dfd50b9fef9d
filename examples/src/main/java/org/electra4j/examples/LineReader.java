package org.electra4j.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads lines of UTF-8, as many as have arrived, so that answers need not wait for the end. */
final class LineReader {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long lines;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** Returns the number of lines read. */
  long lines() {
    return lines;
  }

  /**
   * Returns the next lines: waits for the first, then takes what is there, at most {@code most};
   * empty at the end.
   */
  List<String> next(int most) throws IOException {
    List<String> batch = new ArrayList<>();
    while (batch.size() < most && (batch.isEmpty() || position < limit || in.available() > 0)) {
      String line = readLine();
      if (line == null) {
        break;
      }
      batch.add(line);
    }
    return batch;
  }

  /** Returns the next line without its end (LF or CRLF), or null at the end. */
  private String readLine() throws IOException {
    ByteArrayOutputStream head = null;
    while (true) {
      if (position == limit && !fill()) {
        return head == null ? null : decode(head.toByteArray(), 0, head.size());
      }
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      int start = position;
      boolean whole = end < limit;
      position = whole ? end + 1 : end;
      if (whole && head == null) {
        return decode(buffer, start, end);
      }
      head = head == null ? new ByteArrayOutputStream() : head;
      head.write(buffer, start, end - start);
      if (whole) {
        return decode(head.toByteArray(), 0, head.size());
      }
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }

  private String decode(byte[] bytes, int start, int end) {
    lines++;
    int stop = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, start, stop - start))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "Line "
              + lines
              + " of the input is not valid UTF-8; convert it, for instance with iconv.",
          e);
    }
  }
}
