package org.electra4j.data;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.electra4j.text.TokenBuffer;

/** Turns a chunk of text into token ids with sentence and document ends. */
final class ChunkEncoder {

  /** Appends the ids of a line. */
  @FunctionalInterface
  interface LineEncoder {
    void encode(CharSequence line, TokenBuffer ids);
  }

  /**
   * What a chunk became.
   *
   * @param ids token ids in the first {@code tokens} places
   * @param tokens their number
   * @param ends token counts at which a sentence ends; where a document ends, {@link #DOCUMENT_END}
   * @param readBytes how much stored input the chunk took
   */
  record Encoded(int[] ids, int tokens, int[] ends, long readBytes) {}

  static final int DOCUMENT_END = -1;

  private final LineEncoder encoder;
  private final boolean blanksSeparateDocs;
  private final boolean lenient;
  private final TokenBuffer ids = new TokenBuffer();
  private int[] ends = new int[256];
  private int endCount;

  ChunkEncoder(LineEncoder encoder, boolean blanksSeparateDocs, boolean lenient) {
    this.encoder = encoder;
    this.blanksSeparateDocs = blanksSeparateDocs;
    this.lenient = lenient;
  }

  Encoded encode(TextChunk chunk) {
    ids.clear();
    endCount = 0;
    if (chunk.bytes() != null) {
      encodeBytes(chunk);
    } else {
      for (String text : chunk.lines()) {
        text.lines().forEach(this::encodeLine);
        if (text.isEmpty()) {
          encodeLine(text);
        }
      }
    }
    if (chunk.endsInput()) {
      addEnd(DOCUMENT_END);
    }
    return new Encoded(ids.toArray(), ids.size(), Arrays.copyOf(ends, endCount), chunk.readBytes());
  }

  private void encodeBytes(TextChunk chunk) {
    byte[] bytes = chunk.bytes();
    long line = chunk.firstLine();
    int start = 0;
    while (start < chunk.length()) {
      int end = start;
      while (end < chunk.length() && bytes[end] != '\n') {
        end++;
      }
      encodeLine(decode(chunk.source(), line, bytes, start, end));
      start = end + 1;
      line++;
    }
  }

  private void encodeLine(String line) {
    if (isBlank(line)) {
      if (blanksSeparateDocs) {
        addEnd(DOCUMENT_END);
      }
      return;
    }
    int before = ids.size();
    encoder.encode(line, ids);
    if (ids.size() > before) {
      addEnd(ids.size());
    }
  }

  private void addEnd(int end) {
    if (endCount == ends.length) {
      ends = Arrays.copyOf(ends, ends.length * 2);
    }
    ends[endCount++] = end;
  }

  private static boolean isBlank(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (!Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
        return false;
      }
    }
    return true;
  }

  /** Decodes a line; only one that shows U+FFFD needs the slow look for malformed bytes. */
  private String decode(String source, long line, byte[] bytes, int start, int end) {
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    if (!lenient && text.indexOf('\uFFFD') >= 0) {
      requireWellFormed(source, line, bytes, start, end);
    }
    return text;
  }

  private static void requireWellFormed(
      String source, long line, byte[] bytes, int start, int end) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, start, end - start);
    CoderResult result = decoder.decode(in, CharBuffer.allocate(end - start + 1), true);
    if (result.isError()) {
      throw new IllegalArgumentException(
          String.format(
              "%s, line %d: byte %d of the line (0x%02X) is not valid UTF-8. Convert the file to UTF-8, or"
                  + " prepare leniently to read such bytes as U+FFFD.",
              source, line, in.position() - start + 1, bytes[in.position()] & 0xFF));
    }
  }
}
