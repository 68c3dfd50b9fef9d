package org.electra4j.text;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Cuts texts into batches of about a million characters: the unit of work of {@link WordCounter}.
 */
final class TextBatches {
  private static final int BATCH_CHARS = 1 << 20;

  private TextBatches() {}

  /** Texts one after the other, and how far they are read. */
  interface Source extends AutoCloseable {
    /** Returns the next text, or null at the end. */
    String next() throws IOException;

    /** Returns how much is read, in the unit of {@link #total}. */
    long done();

    /** Returns how much there is, or -1 if that is not known. */
    long total();

    @Override
    void close() throws IOException;
  }

  /** Returns the next texts of a source, about a million characters; empty at the end. */
  static List<String> next(Source source) throws IOException {
    List<String> batch = new ArrayList<>();
    long chars = 0;
    while (chars < BATCH_CHARS) {
      String text = source.next();
      if (text == null) {
        break;
      }
      batch.add(text);
      chars += text.length() + 1;
    }
    return batch;
  }

  static Source of(Iterator<String> texts) {
    return new Source() {
      private long done;

      @Override
      public String next() {
        if (!texts.hasNext()) {
          return null;
        }
        String text = texts.next();
        done += text.length();
        return text;
      }

      @Override
      public long done() {
        return done;
      }

      @Override
      public long total() {
        return -1;
      }

      @Override
      public void close() {}
    };
  }

  static Source of(List<Path> files) throws IOException {
    long total = 0;
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new FileNotFoundException(file + " is not a file; name text files.");
      }
      total += Files.size(file);
    }
    return new FileSource(List.copyOf(files), total);
  }

  /** The lines of files; positions are bytes as stored, compressed or not. */
  private static final class FileSource implements Source {
    private final List<Path> files;
    private final long total;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int nextFile;
    private int lineNumber;
    private long done;
    private InputStream in;

    FileSource(List<Path> files, long total) {
      this.files = files;
      this.total = total;
    }

    @Override
    public String next() throws IOException {
      while (true) {
        if (in == null) {
          if (nextFile == files.size()) {
            return null;
          }
          in = open(files.get(nextFile++));
          lineNumber = 0;
        }
        lineNumber++;
        if (readLine()) {
          return decode();
        }
        in.close();
        in = null;
      }
    }

    private InputStream open(Path file) throws IOException {
      InputStream counted =
          new FilterInputStream(Files.newInputStream(file)) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
              int count = super.read(bytes, offset, length);
              done += Math.max(count, 0);
              return count;
            }
          };
      boolean gzip = file.toString().endsWith(".gz");
      return new BufferedInputStream(
          gzip ? new GZIPInputStream(counted, 1 << 16) : counted, 1 << 16);
    }

    private boolean readLine() throws IOException {
      line.reset();
      int b = in.read();
      if (b < 0) {
        return false;
      }
      for (; b >= 0 && b != '\n'; b = in.read()) {
        line.write(b);
      }
      return true;
    }

    private String decode() {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(line.toByteArray());
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException(
            String.format(
                "%s, line %d: not valid UTF-8; convert the file to UTF-8.",
                files.get(nextFile - 1), lineNumber),
            e);
      }
    }

    @Override
    public long done() {
      return done;
    }

    @Override
    public long total() {
      return total;
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }
}
